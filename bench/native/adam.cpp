#include "lanes.h"

struct Arguments {
    float *weights, *means, *squares;
    const float *gradients;
    u32 n;
    float rate, beta1, beta2, unbias1, unbias2, epsilon;
};

extern "C" void run(const Arguments *arguments) {
    auto [weights, means, squares, gradients, n, rate, beta1, beta2, unbias1, unbias2, epsilon] = *arguments;
    for (u32 i = 0; i < n; i++) {
        float gradient = gradients[i];
        float mean = __builtin_fmaf(beta1, means[i], (1.0f - beta1) * gradient);
        float square = __builtin_fmaf(beta2, squares[i], (1.0f - beta2) * gradient * gradient);
        means[i] = mean;
        squares[i] = square;
        weights[i] -= rate * (mean * unbias1) / (__builtin_sqrtf(square * unbias2) + epsilon);
    }
}
