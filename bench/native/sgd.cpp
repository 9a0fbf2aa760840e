#include "lanes.h"

struct Arguments {
    float *weights, *velocities;
    const float *gradients;
    u32 n;
    float rate, momentum, decay;
};

extern "C" void run(const Arguments *arguments) {
    auto [weights, velocities, gradients, n, rate, momentum, decay] = *arguments;
    for (u32 i = 0; i < n; i++) {
        float velocity = __builtin_fmaf(momentum, velocities[i], __builtin_fmaf(decay, weights[i], gradients[i]));
        velocities[i] = velocity;
        weights[i] = __builtin_fmaf(-rate, velocity, weights[i]);
    }
}
