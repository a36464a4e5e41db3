"""Trains a small language model on a real GPU, cleanly and with faults, and writes its logs.

    python3 faulty_training.py OUT_DIR [--seconds 200] [--quick]

The text is the source of Python's own library, read as bytes. Each run is a log of JSON lines (step, timestamp, loss, grad_norm,
step_time); truth.json says what was done to which run at which step. One bit is flipped at a time, in the results of a layer, in
gradients, in weights or in the optimizer's moments; or the data, the learning rate or the machine misbehaves.
"""
import glob, json, math, os, random, struct, sys, sysconfig, time

import torch
import torch.nn as nn
import torch.nn.functional as F

OUT = sys.argv[1]
QUICK = '--quick' in sys.argv
LIMIT = float(sys.argv[sys.argv.index('--seconds') + 1]) if '--seconds' in sys.argv else 200.0
BEGAN = time.time()
os.makedirs(OUT, exist_ok=True)
DEV = 'cuda'
VOCABULARY, WIDTH, LAYERS, HEADS, SEQUENCE, BATCH = 256, 384, 6, 6, 256, 32
STEPS = 60 if QUICK else 700
RATE, WARM_UP = 1e-3, 10 if QUICK else 100


def corpus():
    files = sorted(glob.glob(os.path.join(sysconfig.get_paths()['stdlib'], '**', '*.py'), recursive=True))
    data = b''
    for name in files:
        if 'site-packages' in name:
            continue
        with open(name, 'rb') as f:
            data += f.read()
        if len(data) > 24_000_000:
            break
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).to(DEV).long()


class Flip(torch.autograd.Function):
    """XOR on the bits of BF16 results; gradients pass as they are."""

    @staticmethod
    def forward(ctx, x, mask):
        return torch.bitwise_xor(x.contiguous().view(torch.int16), mask).view(torch.bfloat16)

    @staticmethod
    def backward(ctx, g):
        return g, None


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.n2 = nn.RMSNorm(WIDTH), nn.RMSNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH, bias=False), nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x, mask, gain):
        b, s, h = x.shape
        q, k, v = self.qkv(self.n1(x)).view(b, s, 3, HEADS, h // HEADS).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(b, s, h))
        y = self.down(F.gelu(self.up(self.n2(x))))
        if mask is not None:
            y = Flip.apply(y.to(torch.bfloat16), mask) * gain
        return x + y


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(SEQUENCE, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm, self.head = nn.RMSNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY, bias=False)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02)

    def forward(self, x, mask, gain):
        y = self.embed(x) + self.place.weight
        for i, layer in enumerate(self.layers):
            y = layer(y, mask if i == 2 else None, gain)
        return self.head(self.norm(y))


class Trainer:
    """A training step as two CUDA graphs, so that a fault can come between the gradients and the optimizer."""

    def __init__(self, data):
        self.data = data
        self.model = Model().to(DEV)
        self.params = list(self.model.parameters())
        self.rate = torch.tensor(RATE, device=DEV)
        self.optimizer = torch.optim.AdamW(self.params, lr=self.rate, betas=(0.9, 0.95), weight_decay=0.1, fused=True, capturable=True)
        self.text = torch.zeros(BATCH, SEQUENCE + 1, dtype=torch.long, device=DEV)
        self.mask = torch.zeros(BATCH, SEQUENCE, WIDTH, dtype=torch.int16, device=DEV)
        self.gain = torch.ones(WIDTH, device=DEV, dtype=torch.bfloat16)
        for p in self.params:
            p.grad = torch.zeros_like(p)
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.gradients()
                self.update()
        torch.cuda.current_stream().wait_stream(side)
        torch.cuda.synchronize()
        self.first, self.second = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.first):
            self.loss = self.gradients()
        with torch.cuda.graph(self.second):
            self.norm = self.update()

    def gradients(self):
        for p in self.params:
            p.grad.zero_()
        with torch.autocast('cuda', dtype=torch.bfloat16, cache_enabled=False):
            logits = self.model(self.text[:, :-1], self.mask, self.gain)
        loss = F.cross_entropy(logits.float().view(-1, VOCABULARY), self.text[:, 1:].reshape(-1))
        loss.backward()
        return loss.detach()

    def update(self):
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(p.grad) for p in self.params]))
        scale = torch.clamp(1.0 / (norm + 1e-6), max=1.0)
        for p in self.params:
            p.grad.mul_(scale)
        self.optimizer.step()
        return norm

    def state(self):
        return [t.detach().clone() for t in self.tensors()]

    def tensors(self):
        for p in self.params:
            yield p.data
            s = self.optimizer.state[p]
            yield from (s['exp_avg'], s['exp_avg_sq'], s['step'])

    def load(self, state):
        for t, s in zip(self.tensors(), state):
            t.copy_(s)
        self.mask.zero_()
        self.gain.fill_(1)

    def start(self, seed):
        g = torch.Generator(device='cpu').manual_seed(seed)
        for name, p in self.model.named_parameters():
            p.data.copy_(torch.randn(p.shape, generator=g) * 0.02 if p.dim() > 1 else torch.ones(p.shape))
        for t in self.optimizer.state.values():
            for x in t.values():
                x.zero_()
        self.mask.zero_()
        self.gain.fill_(1)

    def batch(self, seed, step):
        g = torch.Generator(device='cpu').manual_seed(seed * 100003 + step)
        at = torch.randint(len(self.data) - SEQUENCE - 1, (BATCH,), generator=g).to(DEV)
        self.text.copy_(self.data[at[:, None] + torch.arange(SEQUENCE + 1, device=DEV)])


BITS = {'sign': (31, 31), 'top bit of the exponent': (30, 30), 'exponent below': (23, 29), 'mantissa, high': (16, 22), 'mantissa, low': (0, 15)}


def flip32(tensor, draw, bits):
    """Flips one bit of one element of an FP32 tensor."""
    low, high = BITS[bits]
    view = tensor.detach().view(-1).view(torch.int32)
    at = draw.randrange(view.numel())
    bit = draw.randint(low, high)
    view[at] ^= torch.tensor(struct.unpack('i', struct.pack('I', 1 << bit))[0], dtype=torch.int32, device=DEV)


def flip16(mask, draw, bits):
    """BF16 is the upper half of FP32; its low mantissa is its lowest bits."""
    low, high = {'mantissa, high': (4, 6), 'mantissa, low': (0, 3)}.get(bits) or tuple(b - 16 for b in BITS[bits])
    bit = draw.randint(low, high)
    mask.view(-1)[draw.randrange(mask.numel())] = struct.unpack('h', struct.pack('H', 1 << bit))[0]


def matrices(trainer):
    return [p for p in trainer.params if p.dim() > 1]


def run(trainer, name, seed, first, steps, faults, truth):
    """`faults`: by step, what is done to the trainer before or inside it."""
    path = os.path.join(OUT, name + '.jsonl')
    losses = []
    step = first
    done = set()
    saved = None
    with open(path, 'w') as log:
        last = time.time()
        while step < first + steps:
            rate = RATE * min(1, (step + 1) / WARM_UP) * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(1, step / STEPS))))
            fault = faults(step) if step not in done else {}
            trainer.rate.fill_(rate * fault.get('rate', 1))
            trainer.batch(seed, step)
            if fault.get('noise'):
                trainer.text.random_(0, VOCABULARY)
            if 'before' in fault:
                fault['before'](trainer)
            trainer.first.replay()
            if 'between' in fault:
                fault['between'](trainer)
            trainer.second.replay()
            loss, norm = trainer.loss.item(), trainer.norm.item()
            if 'after' in fault:
                fault['after'](trainer)
            if fault.get('sleep'):
                time.sleep(fault['sleep'])
            now = time.time()
            number = lambda x: x if math.isfinite(x) else str(x)
            log.write(json.dumps({'step': step + 1, 'timestamp': round(now, 5), 'loss': number(round(loss, 6) if math.isfinite(loss) else loss),
                                  'grad_norm': number(round(norm, 5) if math.isfinite(norm) else norm), 'step_time': round(now - last, 6)}) + '\n')
            last = now
            losses.append(loss)
            if fault.get('save'):
                saved = (step + 1, trainer.state())
            if fault.get('restart') and saved:
                done.add(step)
                time.sleep(fault['restart'])
                trainer.load(saved[1])
                step = saved[0]
                continue
            step += 1
    last = sum(losses[-50:]) / len(losses[-50:])
    worst = max(losses[5:], key=lambda x: x if math.isfinite(x) else math.inf)
    finite = lambda x: x if math.isfinite(x) else str(x)
    truth.append(dict(truth.pop(), run=name, seed=seed, first=first, steps=steps, last=finite(last), worst=finite(worst)))
    return losses


def at(step, **what):
    return lambda s: what if s == step else {}


def between(begin, end, **what):
    return lambda s: what if begin <= s < end else {}


def events(trainer, truth):
    """Whole runs: half of what goes wrong is not the GPU's."""
    half = STEPS * 6 // 10
    span = lambda n: max(2, n * STEPS // 1000)
    cases = [("clean", lambda s: {}, None)] * (1 if QUICK else 8)
    cases += [
        ('bad-batch', between(half, half + span(1), noise=True), 'spike'),
        ('bad-data', between(half, half + span(8), noise=True), 'spike'),
        ('rate-20x', between(half, half + span(10), rate=20), 'spike'),
        ('rate-200x', between(half, half + span(10), rate=200), 'divergence'),
        ('rate-stays-50x', between(half, 10**9, rate=50), 'divergence'),
        ('stall-1s', at(half, sleep=1.0), 'stall'),
        ('stall-5s', at(half, sleep=5.0), 'stall'),
        ('slow-40', between(half, half + span(150), sleep=0.0015), 'slowdown'),
        ('slow-100', between(half, half + span(200), sleep=0.004), 'slowdown'),
        ('nan-gradient', at(half, between=lambda t: matrices(t)[5].grad.view(-1)[7].fill_(math.nan)), 'nan'),
        ('restart', lambda s: {'save': True} if s == half - span(60) else ({'restart': 2.0} if s == half else {}), 'restart'),
        ('lane-times-8', between(half, 10**9, before=lambda t: t.gain[17].fill_(8.0)), 'none known'),
        ('lane-times-1000', between(half, 10**9, before=lambda t: t.gain[17].fill_(1000.0)), 'spike'),
        ('weights-times-4', at(half, after=lambda t: t.model.layers[3].down.weight.data.mul_(4)), 'spike'),
        ('moments-lost', at(half, after=lambda t: [s['exp_avg_sq'].zero_() for s in t.optimizer.state.values()]), 'spike'),
    ]
    for i, (name, faults, expected) in enumerate(cases):
        if time.time() - BEGAN > LIMIT * 0.68:
            print('events cut at', name)
            break
        for seed in ([100 + i] if name == 'clean' or QUICK else [100 + i, 200 + i]):
            trainer.start(seed)
            truth.append(dict(kind='event', fault=name, expected=expected, step=None if expected is None else half + 1))
            run(trainer, f'event-{name}-{seed}', seed, 0, STEPS, faults, truth)


def flips(trainer, truth):
    """One bit, from one checkpoint in the middle of training; the clean continuation sees the same data."""
    begin, length = (20, 30) if QUICK else (400, 120)
    trainer.start(7)
    truth.append(dict(kind='before'))
    run(trainer, 'flip-before', 7, 0, begin, lambda s: {}, truth)
    state = trainer.state()
    truth.append(dict(kind='flip', where='nowhere', bits=None))
    run(trainer, 'flip-clean', 7, begin, length, lambda s: {}, truth)
    for draw_ in range(1 if QUICK else 8):
        for where in ('activations', 'gradients', 'weights', 'optimizer'):
            for bits in BITS:
                if time.time() - BEGAN > LIMIT:
                    print('flips cut at draw', draw_, where, bits)
                    return
                draw = random.Random(f'{draw_} {where} {bits}')
                pick = draw.randrange(len(matrices(trainer)))
                if where == 'activations':
                    faults = lambda s: {'before': lambda t: flip16(t.mask, draw, bits), 'after': lambda t: t.mask.zero_()} if s == begin + 20 else {}
                elif where == 'gradients':
                    faults = at(begin + 20, between=lambda t: flip32(matrices(t)[pick].grad, draw, bits))
                elif where == 'weights':
                    faults = at(begin + 20, after=lambda t: flip32(matrices(t)[pick].data, draw, bits))
                else:
                    moment = draw.choice(['exp_avg', 'exp_avg_sq'])
                    faults = at(begin + 20, after=lambda t: flip32(t.optimizer.state[matrices(t)[pick]][moment], draw, bits))
                trainer.load(state)
                truth.append(dict(kind='flip', where=where, bits=bits, step=begin + 21))
                run(trainer, f'flip-{where}-{bits.replace(" ", "-").replace(",", "")}-{draw_}', 7, begin, length, faults, truth)


def main():
    torch.manual_seed(1)
    data = corpus()
    print('corpus', len(data), 'bytes;', torch.cuda.get_device_name(0), torch.__version__, flush=True)
    trainer = Trainer(data)
    print('captured', round(time.time() - BEGAN, 1), 's;', sum(p.numel() for p in trainer.params), 'parameters', flush=True)
    truth = []
    try:
        events(trainer, truth)
        print('events', round(time.time() - BEGAN, 1), 's', flush=True)
        flips(trainer, truth)
        print('flips', round(time.time() - BEGAN, 1), 's', flush=True)
    finally:
        with open(os.path.join(OUT, 'truth.json'), 'w') as f:
            json.dump(dict(gpu=torch.cuda.get_device_name(0), torch=torch.__version__, parameters=sum(p.numel() for p in trainer.params), runs=truth), f, indent=1)


main()
