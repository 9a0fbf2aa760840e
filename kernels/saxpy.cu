#include <cuda_runtime.h>

// y = a * x + y, one element a thread.
extern "C" __global__ void saxpy(float *y, const float *x, unsigned n, float a) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}
