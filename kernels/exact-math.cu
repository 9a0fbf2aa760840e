#include <cuda_runtime.h>

// results[i] = f(values[i]), f being the function with this number in the order below.
extern "C" __global__ void exact_math(float *results, const float *values, unsigned n, unsigned function) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float x = values[i], y;
    switch (function) {
    case 0: y = expf(x); break;
    case 1: y = exp2f(x); break;
    case 2: y = exp10f(x); break;
    case 3: y = logf(x); break;
    case 4: y = log2f(x); break;
    case 5: y = log10f(x); break;
    case 6: y = sinf(x); break;
    case 7: y = cosf(x); break;
    case 8: y = tanf(x); break;
    case 9: y = tanhf(x); break;
    case 10: y = rsqrtf(x); break;
    case 11: y = exact::sigmoid(x); break;
    case 12: y = erff(x); break;
    case 13: y = exact::gelu(x); break;
    default: y = powf(x, -1.75f); break;
    }
    results[i] = y;
}
