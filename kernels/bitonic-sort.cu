// Sorts a power of two of keys, at least 1024, in place. sort_blocks first; then for each size of 2048, 4096, ... up to n: merge_far for each
// reach of size / 2, size / 4, ... down to 1024, and merge_near.
#include <cuda_runtime.h>

constexpr unsigned Threads = 512, Block = Threads * 2;

static __device__ void exchange(unsigned *keys, unsigned low, unsigned high, bool up) {
    unsigned a = keys[low], b = keys[high];
    keys[low] = up ? min(a, b) : max(a, b);
    keys[high] = up ? max(a, b) : min(a, b);
}

static __device__ void merge(unsigned *shared, unsigned first, unsigned size, unsigned reach) {
    for (; reach > 0; reach /= 2) {
        unsigned low = (threadIdx.x & ~(reach - 1)) * 2 + (threadIdx.x & (reach - 1));
        exchange(shared, low, low + reach, ((first + low) & size) == 0);
        __syncthreads();
    }
}

static __device__ void load(unsigned *shared, const unsigned *keys) {
    shared[threadIdx.x] = keys[threadIdx.x];
    shared[threadIdx.x + Threads] = keys[threadIdx.x + Threads];
    __syncthreads();
}

static __device__ void store(unsigned *keys, const unsigned *shared) {
    keys[threadIdx.x] = shared[threadIdx.x];
    keys[threadIdx.x + Threads] = shared[threadIdx.x + Threads];
}

// Grid n / 1024, as for the other two.
extern "C" __global__ void __launch_bounds__(Threads) sort_blocks(unsigned *keys) {
    __shared__ unsigned shared[Block];
    unsigned first = blockIdx.x * Block;
    load(shared, keys + first);
    for (unsigned size = 2; size <= Block; size *= 2) merge(shared, first, size, size / 2);
    store(keys + first, shared);
}

extern "C" __global__ void __launch_bounds__(Threads) merge_far(unsigned *keys, unsigned size, unsigned reach) {
    unsigned i = blockIdx.x * Threads + threadIdx.x;
    unsigned low = (i & ~(reach - 1)) * 2 + (i & (reach - 1));
    exchange(keys, low, low + reach, (low & size) == 0);
}

extern "C" __global__ void __launch_bounds__(Threads) merge_near(unsigned *keys, unsigned size) {
    __shared__ unsigned shared[Block];
    unsigned first = blockIdx.x * Block;
    load(shared, keys + first);
    merge(shared, first, size, Block / 2);
    store(keys + first, shared);
}
