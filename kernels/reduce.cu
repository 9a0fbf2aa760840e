#include <cuda_runtime.h>

constexpr unsigned Threads = 256;

template <typename T>
__device__ T block_sum(T *shared, T value) {
    shared[threadIdx.x] = value;
    __syncthreads();
    for (unsigned half = Threads / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
        __syncthreads();
    }
    return shared[0];
}

// One sum a block. The order of the additions is fixed, so the bits do not depend on the device:
// launch it a second time with one block over the sums for the total.
extern "C" __global__ void __launch_bounds__(Threads) reduce_float(float *sums, const float *values, unsigned n) {
    __shared__ float shared[Threads];
    float sum = 0;
    for (unsigned i = blockIdx.x * Threads + threadIdx.x; i < n; i += gridDim.x * Threads) sum += values[i];
    sum = block_sum(shared, sum);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

// The total of all blocks, added to *total: integer addition commutes, so an atomic is as exact.
extern "C" __global__ void __launch_bounds__(Threads) reduce_uint(unsigned long long *total, const unsigned *values, unsigned n) {
    __shared__ unsigned long long shared[Threads];
    unsigned long long sum = 0;
    for (unsigned i = blockIdx.x * Threads + threadIdx.x; i < n; i += gridDim.x * Threads) sum += values[i];
    sum = block_sum(shared, sum);
    if (threadIdx.x == 0) atomicAdd(total, sum);
}
