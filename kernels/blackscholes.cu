#include <cuda_runtime.h>
#include <exact_random.cuh>
#include <exact_sums.cuh>

constexpr unsigned Threads = 256;
constexpr int Bits = 24; // of the fraction in which payoffs are summed

struct Option {
    float spot, strike, rate, volatility, years;
};

// The price of each European call option by Monte Carlo: one block an option, `paths` of them, a multiple of 1024.
extern "C" __global__ void __launch_bounds__(Threads) blackscholes(float *prices, const Option *options, unsigned paths, unsigned long long seed) {
    __shared__ long long shared[Threads];
    Option option = options[blockIdx.x];
    float deviation = option.volatility * sqrtf(option.years);
    float drift = (option.rate - 0.5f * option.volatility * option.volatility) * option.years;

    long long sum = 0;
    for (unsigned draw = threadIdx.x; draw < paths / 4; draw += Threads) {
        exact::Words words = exact::philox({draw, blockIdx.x, 0, 0}, seed);
        exact::Normals first = exact::normal(words.x, words.y), second = exact::normal(words.z, words.w);
        float normals[4] = {first.first, first.second, second.first, second.second};
#pragma unroll
        for (unsigned i = 0; i < 4; i++) {
            float payoff = option.spot * expf(fmaf(deviation, normals[i], drift)) - option.strike;
            sum += exact::to_fixed<Bits>(fmaxf(payoff, 0.0f));
        }
    }
    sum = exact::block_sum<Threads>(shared, threadIdx.x, sum);
    if (threadIdx.x == 0) prices[blockIdx.x] = exact::from_fixed<Bits>(sum) / paths * expf(-option.rate * option.years);
}
