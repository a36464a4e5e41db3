"""What single kernels of a GPU reach: products, grouped products, attention, streams, pauses between kernels.

    python3 measure_kernels.py OUT.jsonl [--seconds 300] [--quick] [--only products,attention,...]
    python3 measure_layers.py OUT.jsonl                         appends whole layers and steps
    planewright calibrate OUT.jsonl --gpu NAME

One JSON object a line: kind, shape, seconds of one call. Takes two minutes on an H100; needs PyTorch 2.9 or later. Kernels are
replayed from CUDA graphs over several sets of buffers, so that neither the host nor the cache flatters them; operands are random,
since zeros draw less power and run faster.
"""
import json, math, subprocess, sys, threading, time, traceback

import torch
import torch.nn.functional as F

OUT = open(sys.argv[1], 'a', buffering=1)
QUICK = '--quick' in sys.argv
LIMIT = float(sys.argv[sys.argv.index('--seconds') + 1]) if '--seconds' in sys.argv else 300.0
ONLY = sys.argv[sys.argv.index('--only') + 1].split(',') if '--only' in sys.argv else None
BEGAN = time.time()
DEV = 'cuda'
BF16 = torch.bfloat16
CACHE = 256 << 20
torch.manual_seed(1)


def left():
    return LIMIT - (time.time() - BEGAN)


def emit(**row):
    OUT.write(json.dumps(row) + '\n')


def replayed(calls, guess, least=0.012):
    """Seconds of one call, of closures run in turn: captured, replayed until `least` seconds have passed, median of three."""
    rounds = max(1, min(64, math.ceil(0.004 / (guess * len(calls)))))
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for call in calls[:2]:
            call()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(rounds):
            for call in calls:
                call()
    graph.replay()
    torch.cuda.synchronize()
    n = rounds * len(calls)
    times = []
    for _ in range(3):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        replays = max(1, math.ceil(least / 3 / (guess * n)))
        a.record()
        for _ in range(replays):
            graph.replay()
        b.record()
        torch.cuda.synchronize()
        times.append(a.elapsed_time(b) / 1000 / replays / n)
    del graph
    return sorted(times)[1]


def queued(calls, guess, least=0.02):
    """The same without a graph: for what cannot be captured, or is long enough not to wait for the host."""
    for call in calls[:2]:
        call()
    torch.cuda.synchronize()
    n = max(2, min(300, math.ceil(least / guess)))
    times = []
    for _ in range(3):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record()
        for i in range(n):
            calls[i % len(calls)]()
        b.record()
        torch.cuda.synchronize()
        times.append(a.elapsed_time(b) / 1000 / n)
    return sorted(times)[1]


def sets(bytes_a_set):
    return max(1, min(12, math.ceil(CACHE / max(1, bytes_a_set))))


def measure(kind, shape, make, flops, bytes_a_set, how=replayed, peak=7e14, rate=2.5e12):
    if left() < 0:
        return
    try:
        calls = [make() for _ in range(sets(bytes_a_set))]
        guess = max(flops / peak, bytes_a_set / rate, 2.5e-6)
        seconds = how(calls, guess)
        emit(kind=kind, **shape, **({'bytes': bytes_a_set} if kind == 'stream' else {}), seconds=float('%.4g' % seconds))
    except Exception as error:  # one shape that fails must not cost the others
        emit(kind=kind, **shape, error=repr(error)[:300])
        torch.cuda.synchronize()
    finally:
        calls = None


def rand(*shape, dtype=BF16):
    return torch.randn(*shape, device=DEV, dtype=dtype)


# (n, k) of the products of layers: outputs x inputs; slices of tensor parallelism among them.
NK = [(1024, 1024), (3072, 1024), (1024, 4096), (2048, 2048), (6144, 2048), (2048, 5632), (8192, 2048), (4096, 4096), (6144, 4096),
      (28672, 4096), (4096, 14336), (8192, 8192), (10240, 8192), (57344, 8192), (8192, 28672), (1280, 8192), (8192, 1024), (7168, 8192),
      (8192, 3584), (2304, 18432), (16384, 16384), (1536, 7168), (24576, 1536), (7168, 16384), (576, 7168), (32768, 512), (4096, 7168),
      (7168, 2048), (12288, 12288), (6144, 12288), (12288, 6144), (50304, 2048), (128256, 4096)]
ROWS = [128, 512, 2048, 4096, 8192, 16384]


def products():
    for n, k in (NK[:3] if QUICK else NK):
        for m in (ROWS[2:4] if QUICK else ROWS):
            if m * n * k > 1.2e13 / 2 or left() < 0:
                continue
            shape = dict(precision='bf16', m=m, n=n, k=k)
            flops = 2 * m * n * k

            def forward():
                x, w, y = rand(m, k), rand(n, k), torch.empty(m, n, device=DEV, dtype=BF16)
                return lambda: torch.mm(x, w.t(), out=y)

            def inputs():
                dy, w, dx = rand(m, n), rand(n, k), torch.empty(m, k, device=DEV, dtype=BF16)
                return lambda: torch.mm(dy, w, out=dx)

            def weights():
                dy, x, dw = rand(m, n), rand(m, k), torch.empty(n, k, device=DEV, dtype=BF16)
                return lambda: torch.mm(dy.t(), x, out=dw)

            size = 2 * (m * k + n * k + m * n)
            measure('product', dict(shape, **{'pass': 'forward'}), forward, flops, size)
            measure('product', dict(shape, **{'pass': 'inputs'}), inputs, flops, size)
            measure('product', dict(shape, **{'pass': 'weights'}), weights, flops, size)


def fp8():
    one = torch.ones((), device=DEV, dtype=torch.float32)
    e4m3 = torch.float8_e4m3fn
    for n, k in (NK[:2] if QUICK else NK):
        for m in (ROWS[2:3] if QUICK else ROWS):
            if m * n * k > 1.2e13 / 2 or left() < 0:
                continue
            flops = 2 * m * n * k
            size = m * k + n * k + 2 * m * n

            def tensorwise():
                x, w = rand(m, k).to(e4m3), rand(n, k).to(e4m3)
                return lambda: torch._scaled_mm(x, w.t(), scale_a=one, scale_b=one, out_dtype=BF16, use_fast_accum=True)

            def slow():
                x, w = rand(m, k).to(e4m3), rand(n, k).to(e4m3)
                return lambda: torch._scaled_mm(x, w.t(), scale_a=one, scale_b=one, out_dtype=BF16, use_fast_accum=False)

            def rowwise():
                x, w = rand(m, k).to(e4m3), rand(n, k).to(e4m3)
                a, b = torch.ones(m, 1, device=DEV), torch.ones(1, n, device=DEV)
                return lambda: torch._scaled_mm(x, w.t(), scale_a=a, scale_b=b, out_dtype=BF16, use_fast_accum=True)

            measure('product', dict(precision='fp8', **{'pass': 'forward'}, m=m, n=n, k=k, scaling='tensor'), tensorwise, flops, size, peak=1.2e15)
            if m in (4096, 8192):
                measure('product', dict(precision='fp8', **{'pass': 'forward'}, m=m, n=n, k=k, scaling='tensor, slow accumulation'), slow, flops, size, peak=1e15)
                measure('product', dict(precision='fp8', **{'pass': 'forward'}, m=m, n=n, k=k, scaling='row'), rowwise, flops, size, peak=1.2e15)


def attention():
    from torch.nn.attention import SDPBackend, sdpa_kernel
    backends = {'flash': SDPBackend.FLASH_ATTENTION, 'cudnn': SDPBackend.CUDNN_ATTENTION}
    dims = [(64, 64), (128, 128), (192, 128)]
    for name, backend in backends.items():
        for d, v in dims:
            for s in ([2048] if QUICK else [512, 1024, 2048, 4096, 8192, 16384, 32768]):
                for tokens, heads in ([(4096, 8)] if QUICK else [(4096, 4), (8192, 16), (16384, 32)]):
                    batch = tokens // s
                    if batch < 1 or left() < 0:
                        continue
                    shape = dict(kernel=name, batch=batch, heads=heads, sequence=s, dim=d, value=v)
                    # The lower triangle: half of 2 s s (d + v) a head.
                    flops = batch * heads * s * s * (d + v)
                    size = 2 * batch * heads * s * (2 * d + 2 * v)

                    def forward():
                        q, k, x = rand(batch, heads, s, d), rand(batch, heads, s, d), rand(batch, heads, s, v)
                        def call():
                            with torch.no_grad(), sdpa_kernel(backend):
                                F.scaled_dot_product_attention(q, k, x, is_causal=True)
                        return call

                    def backward():
                        q, k, x = (rand(batch, heads, s, e).requires_grad_() for e in (d, d, v))
                        with sdpa_kernel(backend):
                            y = F.scaled_dot_product_attention(q, k, x, is_causal=True)
                        g = torch.randn_like(y)
                        return lambda: torch.autograd.grad(y, (q, k, x), g, retain_graph=True)

                    measure('attention', dict(shape, **{'pass': 'forward'}), forward, flops, size, peak=5e14)
                    measure('attention', dict(shape, **{'pass': 'backward'}), backward, 2.5 * flops, 2 * size, how=queued, peak=4e14)


# groups, rows a group, outputs, inputs: DeepSeek-V3, Qwen3 30B, Mixtral.
GROUPED = [(g, m, n, k) for g, n, k in [(8, 4096, 7168), (8, 7168, 2048), (32, 4096, 7168), (16, 1536, 2048), (16, 2048, 768), (128, 1536, 2048),
                                        (128, 2048, 768), (8, 28672, 4096), (8, 4096, 14336), (16, 2816, 2048), (64, 2816, 2048)]
           for m in (32, 128, 256, 512, 1024, 2048)]


def grouped():
    op = getattr(torch, '_grouped_mm', None) or F.grouped_mm
    for g, m, n, k in (GROUPED[:2] if QUICK else GROUPED):
        flops = 2 * g * m * n * k
        if flops > 8e12 or left() < 0:
            continue
        offs = torch.arange(1, g + 1, device=DEV, dtype=torch.int32) * m
        size = 2 * (g * m * k + g * n * k + g * m * n)

        def forward():
            x, w = rand(g * m, k), rand(g, n, k)
            return lambda: op(x, w.transpose(-2, -1), offs=offs, out_dtype=BF16)

        def inputs():
            dy, w = rand(g * m, n), rand(g, n, k)
            return lambda: op(dy, w, offs=offs, out_dtype=BF16)

        def weights():
            dy, x = rand(g * m, n), rand(g * m, k)
            return lambda: op(dy.t(), x, offs=offs, out_dtype=BF16)

        shape = dict(groups=g, m=m, n=n, k=k)
        measure('grouped', dict(shape, **{'pass': 'forward'}), forward, flops, size, peak=5e14)
        measure('grouped', dict(shape, **{'pass': 'inputs'}), inputs, flops, size, peak=5e14)
        measure('grouped', dict(shape, **{'pass': 'weights'}), weights, flops, size, peak=5e14)


def streams():
    for exponent in ([20] if QUICK else range(16, 32)):
        n = 1 << exponent  # elements

        def copy():
            a, b = rand(n), torch.empty(n, device=DEV, dtype=BF16)
            return lambda: b.copy_(a)

        def add():
            a, b, c = rand(n), rand(n), torch.empty(n, device=DEV, dtype=BF16)
            return lambda: torch.add(a, b, out=c)

        measure('stream', dict(what='copy', elements=n), copy, 0, 4 * n)
        if exponent < 31:
            measure('stream', dict(what='add', elements=n), add, 0, 6 * n)
    for tokens, h in ([(4096, 4096)] if QUICK else [(2048, 1024), (2048, 4096), (4096, 4096), (8192, 4096), (4096, 8192), (8192, 8192), (8192, 16384)]):
        w = rand(h)
        e = tokens * h

        def norm():
            x = rand(tokens, h)
            return lambda: F.rms_norm(x, (h,), w)

        def layer_norm():
            x = rand(tokens, h)
            return lambda: F.layer_norm(x, (h,), w, w)

        def norm_backward():
            x = rand(tokens, h).requires_grad_()
            ww = rand(h).requires_grad_()
            y = F.rms_norm(x, (h,), ww)
            g = rand(tokens, h)
            return lambda: torch.autograd.grad(y, (x, ww), g, retain_graph=True)

        def rows():
            x, i = rand(tokens, h), torch.randperm(tokens, device=DEV)
            return lambda: x.index_select(0, i)

        def softmax():
            x = rand(tokens, h)
            return lambda: torch.softmax(x, -1)

        measure('stream', dict(what='rms norm', tokens=tokens, width=h), norm, 0, 4 * e)
        measure('stream', dict(what='layer norm', tokens=tokens, width=h), layer_norm, 0, 4 * e)
        measure('stream', dict(what='rms norm backward', tokens=tokens, width=h), norm_backward, 0, 6 * e, how=queued)
        measure('stream', dict(what='permute rows', tokens=tokens, width=h), rows, 0, 4 * e)
        measure('stream', dict(what='softmax', tokens=tokens, width=h), softmax, 0, 4 * e)
    for n in ([1 << 22] if QUICK else [1 << 22, 1 << 25, 1 << 28, 1 << 30]):
        try:
            p = torch.nn.Parameter(torch.randn(n, device=DEV))
            p.grad = torch.randn(n, device=DEV)
            o = torch.optim.AdamW([p], fused=True)
            seconds = queued([lambda: o.step()], 28 * n / 2.5e12)
            emit(kind='stream', what='fused adam, all in FP32', elements=n, seconds=seconds, bytes=28 * n)
            del p, o
        except Exception as error:
            emit(kind='stream', what='fused adam, all in FP32', elements=n, error=repr(error)[:300])


def mixture():
    """What a layer of experts does beside its products: the router, the order of the experts, rows copied there and back."""
    for tokens, h, experts in ([(4096, 2048, 128)] if QUICK else [(4096, 2048, 128), (16384, 2048, 128), (4096, 7168, 256), (16384, 7168, 256)]):
        shape = dict(tokens=tokens, width=h, experts=experts)
        copies = tokens * 8

        def route():
            logits = torch.randn(tokens, experts, device=DEV)
            def call():
                p, i = torch.topk(torch.softmax(logits, -1), 8, -1)
                return p / p.sum(-1, keepdim=True), i
            return call

        def order():
            i = torch.randint(experts, (copies,), device=DEV)
            return lambda: (torch.argsort(i), torch.bincount(i, minlength=experts))

        def there():
            x = rand(tokens, h)
            i = torch.randperm(copies, device=DEV) // 8
            return lambda: x.index_select(0, i)

        def back():
            y, p = rand(copies, h), torch.rand(copies, 1, device=DEV, dtype=BF16)
            i = torch.randperm(copies, device=DEV) // 8
            z = torch.zeros(tokens, h, device=DEV, dtype=BF16)
            return lambda: z.index_add_(0, i, y * p)

        measure('other', dict(shape, what='softmax, top 8, normalise'), route, 0, 4 * tokens * experts, how=queued)
        measure('other', dict(shape, what='argsort and bincount'), order, 0, 8 * copies, how=queued)
        measure('other', dict(shape, what='permute'), there, 0, 4 * copies * h)
        measure('other', dict(shape, what='weigh and add back'), back, 0, 4 * copies * h, how=queued)
    for g, m, n, k in ([] if QUICK else [(16, 256, 1536, 2048), (16, 2048, 1536, 2048), (128, 32, 1536, 2048), (128, 256, 1536, 2048), (8, 1024, 4096, 7168)]):

        def loop():
            x, w = rand(g, m, k), rand(g, n, k)
            return lambda: [torch.mm(x[i], w[i].t()) for i in range(g)]

        measure('loop', dict(groups=g, m=m, n=n, k=k, **{'pass': 'forward'}), loop, 2 * g * m * n * k, 2 * (g * m * k + g * n * k + g * m * n), how=queued)


def pointwise():
    """Kernels as PyTorch runs them without fusing: what its users see."""
    t, h, w = (1024, 1024, 2048) if QUICK else (8192, 4096, 14336)

    def both(f, *sizes):
        xs = [rand(*size).requires_grad_() for size in sizes]
        y = f(*xs)
        g = torch.randn_like(y)
        return (lambda: f(*xs)), (lambda: torch.autograd.grad(y, xs, g, retain_graph=True))

    weight = rand(h)
    cos, sin = rand(t, 1, 64), rand(t, 1, 64)

    def turn(x):
        a, b = x.chunk(2, -1)
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    for name, f, sizes in [('rms norm', lambda x: F.rms_norm(x, (h,), weight), [(t, h)]), ('rotary', turn, [(t, h // 128, 128)]),
                           ('silu times', lambda a, b: F.silu(a) * b, [(t, w), (t, w)]), ('gelu', F.gelu, [(t, w)])]:
        n = math.prod(sizes[0])
        for i, which in enumerate(('forward', 'backward')):
            measure('other', dict(what=f'{name}, {which}', elements=n), lambda: both(f, *sizes)[i], 0, 6 * n, how=queued)
    for rows, v in ([(1024, 32000)] if QUICK else [(8192, 32000), (8192, 128256)]):

        def loss():
            x = rand(rows, v).requires_grad_()
            y = torch.randint(v, (rows,), device=DEV)
            return lambda: F.cross_entropy(x.float(), y).backward()

        measure('other', dict(what='cross entropy of FP32 logits, both passes', rows=rows, vocabulary=v, elements=rows * v), loss, 0, 34 * rows * v, how=queued)
    for way in ('fused', 'foreach'):
        try:
            ps = [torch.nn.Parameter(torch.randn(1 << (12 if QUICK else 22), device=DEV)) for _ in range(200)]
            for q in ps:
                q.grad = torch.randn_like(q)
            o = torch.optim.AdamW(ps, fused=way == 'fused', foreach=way == 'foreach')
            n = sum(q.numel() for q in ps)
            emit(kind='stream', what=f'{way} adam of 200 tensors', elements=n, seconds=queued([lambda: o.step()], 28 * n / 2.5e12), bytes=28 * n)
            del ps, o
        except Exception as error:
            emit(kind='stream', what=f'{way} adam of 200 tensors', error=repr(error)[:300])


def pauses():
    """Tiny kernels one after the other: from a graph, and as the host can issue them."""
    x = torch.zeros(1, device=DEV)
    emit(kind='pause', how='graph', seconds=replayed([lambda: x.add_(1)], 2e-6))
    for name, call in {'add': lambda: x.add_(1), 'linear': None}.items():
        if call is None:
            a, w = rand(16, 64), rand(64, 64)
            call = lambda: F.linear(a, w)
        for _ in range(50):
            call()
        torch.cuda.synchronize()
        began = time.perf_counter()
        for _ in range(5000):
            call()
        torch.cuda.synchronize()
        emit(kind='pause', how=f'host, {name}', seconds=(time.perf_counter() - began) / 5000)


def sustained():
    """The rate of large products once power and heat have settled."""
    log = []
    smi = subprocess.Popen(['nvidia-smi', '--query-gpu=clocks.sm,power.draw,temperature.gpu', '--format=csv,noheader,nounits', '-lms', '500'],
                           stdout=subprocess.PIPE, text=True)
    threading.Thread(target=lambda: [log.append(l.strip()) for l in smi.stdout], daemon=True).start()
    for m in (4096, 8192):
        x, w, y = rand(m, 8192), rand(8192, 8192), torch.empty(m, 8192, device=DEV, dtype=BF16)
        rates = []
        began = time.time()
        while time.time() - began < (1 if QUICK else 7):
            a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            a.record()
            for _ in range(200):
                torch.mm(x, w.t(), out=y)
            b.record()
            torch.cuda.synchronize()
            rates.append(2 * m * 8192 * 8192 * 200 / (a.elapsed_time(b) / 1000))
        emit(kind='sustained', m=m, n=8192, k=8192, first=rates[0], last=rates[-1], rates=rates[::4], clocks=log[-6:])
    smi.terminate()


def about():
    p = torch.cuda.get_device_properties(0)
    query = ['nvidia-smi', '--query-gpu=driver_version,clocks.max.sm,power.limit,memory.total', '--format=csv,noheader']
    emit(kind='about', gpu=p.name, processors=p.multi_processor_count, torch=torch.__version__, cuda=torch.version.cuda,
         date=time.strftime('%Y-%m-%d'), smi=subprocess.run(query, capture_output=True, text=True).stdout.strip())


def run(sections):
    about()
    for section in sections:
        if ONLY and section.__name__ not in ONLY:
            continue
        began = time.time()
        try:
            section()
        except Exception:  # one section that fails must not cost the others
            traceback.print_exc()
        torch.cuda.empty_cache()
        print(section.__name__, round(time.time() - began, 1), 's', flush=True)


if __name__ == '__main__':
    run((pauses, streams, products, grouped, mixture, pointwise, attention, fp8, sustained))
