#include <cuda_runtime.h>

// One step of Adam (Kingma and Ba, 2015), one weight a thread. With t steps taken before this one, unbias1 is 1 / (1 - beta1^(t + 1)), and so unbias2.
extern "C" __global__ void adam(float *weights, float *means, float *squares, const float *gradients, unsigned n, float rate,
                                float beta1, float beta2, float unbias1, float unbias2, float epsilon) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float gradient = gradients[i];
    float mean = fmaf(beta1, means[i], (1.0f - beta1) * gradient);
    float square = fmaf(beta2, squares[i], (1.0f - beta2) * gradient * gradient);
    means[i] = mean;
    squares[i] = square;
    weights[i] -= rate * (mean * unbias1) / (sqrtf(square * unbias2) + epsilon);
}
