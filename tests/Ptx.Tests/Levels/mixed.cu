// Compiled at -O0, -O1 and -O3 for the test: calls, structures by value, local arrays, constants, a switch, barriers in a loop.
// clang++ -x cuda --cuda-device-only -S --cuda-gpu-arch=sm_70 --cuda-feature=+ptx70 -nocudainc -nocudalib -ffp-contract=on
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#include <__clang_cuda_builtin_vars.h>

struct Terms {
    float scale, offset;
    int steps[4];
};

__device__ int table[4] = {1, 2, 3, 4};
__device__ __attribute__((constant)) float weights[3] = {1.5f, 2.0f, 3.0f};

__device__ __attribute__((noinline)) float apply(float x, Terms terms, int i) { return x * terms.scale + terms.steps[i & 3]; }

extern "C" __global__ void mixed(float *out, const float *in, Terms terms, int n) {
    __shared__ float partial[64];
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    partial[threadIdx.x] = in[i];
    __syncthreads();
    for (int half = 32; half > 0; half >>= 1) {
        if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
        __syncthreads();
    }
    float weighted[8];
    for (int j = 0; j < 8; j++) weighted[j] = partial[j] * weights[j % 3];
    float result = apply(in[i], terms, i) + weighted[(i + n) & 7] + table[i & 3] + (float)((unsigned long long)i * n / (n + 1)) + (double)n / 3.0;
    switch (i % 9) {
    case 0: result += 1; break;
    case 1: result *= 2; break;
    case 2: result = -result; break;
    case 3: result /= 3; break;
    case 4: result = (int)result >> 1; break;
    case 5: result = (unsigned char)(int)result; break;
    }
    out[i] = result;
}
