"""Whole layers and whole training steps on one GPU, beside the single kernels of measure_kernels.py.

    python3 measure_layers.py OUT.jsonl [--seconds 300] [--quick] [--only layers,mixtures,steps]

Layers are compiled by PyTorch (and once more run as they stand). A step is gradients of several microbatches added up in FP32, then
Adam on FP32 masters: 2 bytes of weights, 4 of gradients and 12 of optimizer a parameter, as in Megatron-LM.
"""
import gc
import time

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from measure_kernels import BF16, DEV, QUICK, emit, left, rand, run


def matrix(*shape):
    return torch.nn.Parameter(torch.randn(*shape, device=DEV, dtype=BF16) * 0.02)


def vector(n):
    return torch.nn.Parameter(torch.ones(n, device=DEV, dtype=BF16))


class Attention(torch.nn.Module):
    """Norm, rotary, grouped queries, fused attention, residual."""

    def __init__(self, hidden, heads, kv):
        super().__init__()
        self.heads, self.kv, self.dim = heads, kv, 128 if hidden >= 2048 else hidden // heads
        self.qkv = matrix((heads + 2 * kv) * self.dim, hidden)
        self.out = matrix(hidden, heads * self.dim)
        self.norm = vector(hidden)

    def forward(self, x, cos, sin):
        b, s, h = x.shape
        q, k, v = F.linear(F.rms_norm(x, (h,), self.norm), self.qkv).view(b, s, -1, self.dim).split([self.heads, self.kv, self.kv], 2)

        def turn(t):
            a, c = t.chunk(2, -1)
            return torch.cat((a * cos - c * sin, c * cos + a * sin), -1)

        q, k, v = turn(q).transpose(1, 2), turn(k).transpose(1, 2), v.transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=self.kv != self.heads)
        return x + F.linear(y.transpose(1, 2).reshape(b, s, -1), self.out)


class Block(torch.nn.Module):
    """A layer as Llama's: attention and a gated feed-forward."""

    def __init__(self, hidden, heads, kv, width):
        super().__init__()
        self.attention = Attention(hidden, heads, kv)
        self.up, self.down, self.norm = matrix(2 * width, hidden), matrix(hidden, width), vector(hidden)

    def forward(self, x, cos, sin):
        x = self.attention(x, cos, sin)
        gate, up = F.linear(F.rms_norm(x, x.shape[-1:], self.norm), self.up).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, self.down)


class Mixture(torch.nn.Module):
    """A layer of experts, all on this GPU: router, rows into the order of the experts, grouped products, rows back."""

    def __init__(self, hidden, heads, kv, width, experts, active):
        super().__init__()
        self.attention = Attention(hidden, heads, kv)
        self.router = matrix(experts, hidden)
        self.up, self.down, self.norm = matrix(experts, 2 * width, hidden), matrix(experts, hidden, width), vector(hidden)
        self.experts, self.active = experts, active

    def forward(self, x, cos, sin):
        x = self.attention(x, cos, sin)
        b, s, h = x.shape
        y = F.rms_norm(x, (h,), self.norm).view(b * s, h)
        weights, chosen = torch.topk(torch.softmax(F.linear(y, self.router).float(), -1), self.active, -1)
        weights = (weights / weights.sum(-1, keepdim=True)).to(BF16)
        order = torch.argsort(chosen.view(-1), stable=True)
        ends = torch.cumsum(torch.zeros(self.experts, device=DEV, dtype=torch.int32).scatter_add_(
            0, chosen.view(-1), torch.ones_like(chosen.view(-1), dtype=torch.int32)), 0, dtype=torch.int32)
        rows = y.index_select(0, order // self.active)
        gate, up = torch._grouped_mm(rows, self.up.transpose(-2, -1), offs=ends, out_dtype=BF16).chunk(2, -1)
        out = torch._grouped_mm(F.silu(gate) * up, self.down.transpose(-2, -1), offs=ends, out_dtype=BF16)
        back = torch.empty_like(order).scatter_(0, order, torch.arange(order.numel(), device=DEV))
        out = out.index_select(0, back).view(b * s, self.active, h)
        return x + (out * weights[..., None]).sum(1).view(b, s, h)


def angles(sequence, dim):
    a = torch.outer(torch.arange(sequence, device=DEV).float(), 10000 ** (-torch.arange(0, dim, 2, device=DEV).float() / dim))
    return a.cos().to(BF16)[None, :, None], a.sin().to(BF16)[None, :, None]


def time_layers(make, n, sequence, batch, compiled, shape):
    """Forward and both passes of one of `n` layers in a row, and the bytes that one keeps between them; medians of five."""
    try:
        torch._dynamo.reset()
        gc.collect()
        torch.cuda.empty_cache()
        blocks = [make() for _ in range(n)]
        calls = [torch.compile(x, dynamic=False) if compiled else x for x in blocks]
        cos, sin = angles(sequence, blocks[0].attention.dim)
        x0, g = rand(batch, sequence, shape['hidden']).requires_grad_(), rand(batch, sequence, shape['hidden'])
        forward, both, kept = [], [], 0
        for i in range(9):
            e = [torch.cuda.Event(enable_timing=True) for _ in range(3)]
            # The host runs ahead while the GPU sleeps, so that it is kernels that are timed.
            torch.cuda._sleep(60_000_000)
            before = torch.cuda.memory_allocated()
            e[0].record()
            x = x0
            for call in calls:
                x = call(x, cos, sin)
            e[1].record()
            kept = (torch.cuda.memory_allocated() - before) / n
            x.backward(g)
            e[2].record()
            torch.cuda.synchronize()
            for block in blocks:
                for p in block.parameters():
                    p.grad = None
            x0.grad = x = None
            if i >= 4:
                forward.append(e[0].elapsed_time(e[1]) / 1000 / n)
                both.append(e[0].elapsed_time(e[2]) / 1000 / n)
        emit(**shape, sequence=sequence, microbatch=batch, compiled=compiled, forward=float('%.4g' % sorted(forward)[2]),
             both=float('%.4g' % sorted(both)[2]), activations=round(kept))
    except Exception as error:
        emit(**shape, compiled=compiled, error=repr(error)[:400])
        print(repr(error)[:600], flush=True)


# hidden, heads, key heads, width, sequence, microbatch, layers in a row
LAYERS = [(2048, 16, 16, 5632, 4096, 2, 4), (4096, 32, 8, 14336, 8192, 1, 4), (1024, 16, 16, 4096, 2048, 8, 4), (8192, 64, 8, 28672, 4096, 1, 2)]


def layers():
    for hidden, heads, kv, width, s, b, n in (LAYERS[:1] if QUICK else LAYERS):
        for compiled in ([False] if QUICK else [True, False]):
            if left() > 15:
                shape = dict(kind='layer', hidden=hidden, heads=heads, kvHeads=kv, intermediate=width)
                time_layers(lambda: Block(hidden, heads, kv, width), n, s, b, compiled, shape)


# hidden, heads, key heads, width, experts, active, sequence, microbatch, layers: Qwen3 30B, Mixtral, a rank of DeepSeek-V3's experts
MIXTURES = [(2048, 32, 4, 768, 128, 8, 4096, 1, 3), (2048, 32, 4, 768, 128, 8, 4096, 4, 3), (4096, 32, 8, 14336, 8, 2, 4096, 2, 2),
            (7168, 56, 8, 2048, 16, 4, 4096, 1, 2)]


def mixtures():
    for hidden, heads, kv, width, experts, active, s, b, n in (MIXTURES[:1] if QUICK else MIXTURES):
        for compiled in ([False] if QUICK else [True, False]):
            if left() > 15:
                shape = dict(kind='mixture layer', hidden=hidden, heads=heads, kvHeads=kv, intermediate=width, experts=experts, active=active)
                time_layers(lambda: Mixture(hidden, heads, kv, width, experts, active), n, s, b, compiled, shape)


# layers, hidden, heads, key heads, width, vocabulary, sequence, microbatch, microbatches, recompute
STEPS = [(24, 2048, 16, 16, 5632, 32000, 2048, 4, 4, 'none'), (24, 2048, 16, 16, 5632, 32000, 2048, 8, 2, 'full'),
         (24, 1024, 16, 16, 4096, 50304, 2048, 8, 4, 'none'), (24, 3072, 24, 24, 8192, 32000, 2048, 1, 8, 'none'),
         (4, 4096, 32, 8, 14336, 128256, 8192, 1, 4, 'none')]


def steps():
    for shape in (STEPS[2:3] if QUICK else STEPS):
        if left() < 25:
            break
        try:
            step(*shape)
        except Exception as error:
            emit(kind='step', shape=shape, error=repr(error)[:400])
            print(repr(error)[:600], flush=True)


def step(n, hidden, heads, kv, width, vocabulary, sequence, batch, microbatches, recompute):
    torch._dynamo.reset()
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    floor = torch.cuda.memory_allocated()
    blocks = torch.nn.ModuleList(Block(hidden, heads, kv, width) for _ in range(n))
    embed, head, norm = matrix(vocabulary, hidden), matrix(vocabulary, hidden), vector(hidden)
    params = [*blocks.parameters(), embed, head, norm]
    masters = [torch.nn.Parameter(p.detach().float()) for p in params]
    for p, m in zip(params, masters):
        m.grad = torch.zeros_like(m)
        def add(p, m=m):
            m.grad.add_(p.grad)
            p.grad = None
        p.register_post_accumulate_grad_hook(add)
    optimizer = torch.optim.AdamW(masters, lr=1e-4, fused=True)
    calls = [torch.compile(b, dynamic=False) for b in blocks]
    cos, sin = angles(sequence, blocks[0].attention.dim)

    @torch.compile(dynamic=False)
    def loss(x, w, y):
        return F.cross_entropy(F.linear(F.rms_norm(x, (hidden,), norm), w).view(-1, vocabulary).float(), y.reshape(-1))

    def one():
        for _ in range(microbatches):
            t = torch.randint(vocabulary, (batch, sequence + 1), device=DEV)
            x = F.embedding(t[:, :-1], embed)
            for call in calls:
                x = checkpoint(call, x, cos, sin, use_reentrant=False) if recompute == 'full' else call(x, cos, sin)
            loss(x, head, t[:, 1:]).backward()
        optimizer.step()
        with torch.no_grad():
            torch._foreach_copy_(params, masters)
            torch._foreach_zero_([m.grad for m in masters])

    for _ in range(3):
        one()
    torch.cuda.synchronize()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        one()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    emit(kind='step', layers=n, hidden=hidden, heads=heads, kvHeads=kv, intermediate=width, vocabulary=vocabulary, sequence=sequence,
         microbatch=batch, microbatches=microbatches, recompute=recompute, parameters=sum(p.numel() for p in params),
         seconds=float('%.4g' % sorted(times)[2]), peakBytes=torch.cuda.max_memory_allocated() - floor,
         before=floor)


if __name__ == '__main__':
    run((mixtures, steps, layers))
