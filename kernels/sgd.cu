#include <cuda_runtime.h>

// One step of stochastic gradient descent with momentum and weight decay, one weight a thread.
extern "C" __global__ void sgd(float *weights, float *velocities, const float *gradients, unsigned n, float rate, float momentum, float decay) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float velocity = fmaf(momentum, velocities[i], fmaf(decay, weights[i], gradients[i]));
    velocities[i] = velocity;
    weights[i] = fmaf(-rate, velocity, weights[i]);
}
