// The sum of all values up to each, modulo 2^32: scan_blocks over the values, scan_blocks over the blocks' sums, add_offsets.
#include <cuda_runtime.h>

constexpr unsigned Threads = 256, Each = 4, Block = Threads * Each;

// Within each block of 1024 values; sums[block] is the block's own sum.
extern "C" __global__ void __launch_bounds__(Threads) scan_blocks(unsigned *scan, unsigned *sums, const unsigned *values, unsigned n) {
    __shared__ unsigned shared[2][Threads];
    unsigned thread = threadIdx.x, first = blockIdx.x * Block + thread * Each, parts[Each], sum = 0;
#pragma unroll
    for (unsigned i = 0; i < Each; i++) {
        if (first + i < n) sum += values[first + i];
        parts[i] = sum;
    }

    unsigned from = 0;
    shared[0][thread] = sum;
    __syncthreads();
    for (unsigned reach = 1; reach < Threads; reach *= 2) {
        unsigned value = shared[from][thread];
        if (thread >= reach) value += shared[from][thread - reach];
        from ^= 1;
        shared[from][thread] = value;
        __syncthreads();
    }

    unsigned before = thread > 0 ? shared[from][thread - 1] : 0;
#pragma unroll
    for (unsigned i = 0; i < Each; i++)
        if (first + i < n) scan[first + i] = before + parts[i];
    if (thread == Threads - 1) sums[blockIdx.x] = shared[from][thread];
}

// Adds to each block what all before it sum up to.
extern "C" __global__ void __launch_bounds__(Threads) add_offsets(unsigned *scan, const unsigned *offsets, unsigned n) {
    if (blockIdx.x == 0) return;
    unsigned offset = offsets[blockIdx.x - 1];
    for (unsigned i = blockIdx.x * Block + threadIdx.x; i < (blockIdx.x + 1) * Block && i < n; i += Threads) scan[i] += offset;
}
