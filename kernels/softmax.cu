#include <cuda_runtime.h>
#include <exact_sums.cuh>

constexpr unsigned Threads = 256;

// y = softmax(x) for each row of a row-major matrix: one block a row.
extern "C" __global__ void __launch_bounds__(Threads) softmax(float *y, const float *x, unsigned columns) {
    __shared__ float shared[Threads];
    unsigned thread = threadIdx.x;
    unsigned long long row = (unsigned long long)blockIdx.x * columns;

    float most = -__builtin_inff();
    for (unsigned i = thread; i < columns; i += Threads) most = fmaxf(most, x[row + i]);
    most = exact::block_max<Threads>(shared, thread, most);

    float sum = 0;
    for (unsigned i = thread; i < columns; i += Threads) {
        float e = expf(x[row + i] - most);
        y[row + i] = e;
        sum += e;
    }
    sum = exact::block_sum<Threads>(shared, thread, sum);

    float scale = 1.0f / sum;
    for (unsigned i = thread; i < columns; i += Threads) y[row + i] *= scale;
}
