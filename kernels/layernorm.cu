#include <cuda_runtime.h>
#include <exact_sums.cuh>

constexpr unsigned Threads = 256;

// Each row of a row-major matrix with its mean taken off and its variance made one, times gain, plus bias: one block a row.
extern "C" __global__ void __launch_bounds__(Threads)
    layernorm(float *y, const float *x, const float *gain, const float *bias, unsigned columns, float epsilon) {
    __shared__ float shared[Threads];
    unsigned thread = threadIdx.x;
    unsigned long long row = (unsigned long long)blockIdx.x * columns;

    float sum = 0;
    for (unsigned i = thread; i < columns; i += Threads) sum += x[row + i];
    float mean = exact::block_sum<Threads>(shared, thread, sum) / columns;

    float squares = 0;
    for (unsigned i = thread; i < columns; i += Threads) {
        float apart = x[row + i] - mean;
        squares = fmaf(apart, apart, squares);
    }
    float variance = exact::block_sum<Threads>(shared, thread, squares) / columns;

    float scale = rsqrtf(variance + epsilon);
    for (unsigned i = thread; i < columns; i += Threads) y[row + i] = fmaf((x[row + i] - mean) * scale, gain[i], bias[i]);
}
