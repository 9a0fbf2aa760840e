#include "../../kernels/include/exact_random.cuh"
#include "lanes.h"

struct Option {
    float spot, strike, rate, volatility, years;
};

struct Arguments {
    float *prices;
    const Option *options;
    u32 paths;
    u64 seed;
    u32 count;
};

// Payoffs are summed in units of 2^-24, so the order of the sum is free.
static inline long long payoff(const Option &option, float deviation, float drift, float normal) {
    float value = option.spot * exact::exp(__builtin_fmaf(deviation, normal, drift)) - option.strike;
    return (long long)__builtin_rintf((value > 0.0f ? value : 0.0f) * 0x1p24f);
}

extern "C" void run(const Arguments *arguments) {
    auto [prices, options, paths, seed, count] = *arguments;
    for (u32 i = 0; i < count; i++) {
        Option option = options[i];
        float deviation = option.volatility * __builtin_sqrtf(option.years);
        float drift = (option.rate - 0.5f * option.volatility * option.volatility) * option.years;
        long long sum = 0;
        for (u32 draw = 0; draw < paths / 4; draw++) {
            exact::Words words = exact::philox({draw, i, 0, 0}, seed);
            exact::Normals one = exact::normal(words.x, words.y), two = exact::normal(words.z, words.w);
            sum += payoff(option, deviation, drift, one.first) + payoff(option, deviation, drift, one.second);
            sum += payoff(option, deviation, drift, two.first) + payoff(option, deviation, drift, two.second);
        }
        prices[i] = (float)sum * 0x1p-24f / paths * exact::exp(-option.rate * option.years);
    }
}
