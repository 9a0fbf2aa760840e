#include <cuda_runtime.h>

constexpr unsigned Threads = 256;

// How often each byte value occurs among n bytes, added to the 256 bins. Four bytes a load; any grid of 256-thread blocks.
extern "C" __global__ void __launch_bounds__(Threads) histogram(unsigned *bins, const unsigned char *bytes, unsigned n) {
    __shared__ unsigned counts[256];
    counts[threadIdx.x] = 0;
    __syncthreads();

    const unsigned *words = reinterpret_cast<const unsigned *>(bytes);
    unsigned stride = gridDim.x * Threads;
    unsigned first = blockIdx.x * Threads + threadIdx.x;
    for (unsigned i = first; i < n / 4; i += stride) {
        unsigned word = words[i];
        atomicAdd(&counts[word & 255], 1u);
        atomicAdd(&counts[word >> 8 & 255], 1u);
        atomicAdd(&counts[word >> 16 & 255], 1u);
        atomicAdd(&counts[word >> 24], 1u);
    }
    if (first < n % 4) atomicAdd(&counts[bytes[n / 4 * 4 + first]], 1u);

    __syncthreads();
    atomicAdd(&bins[threadIdx.x], counts[threadIdx.x]);
}
