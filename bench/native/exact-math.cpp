// The exact functions for the processor, and how far each is from the result of the C library in double precision.
#include "../../kernels/include/exact_math.cuh"
#include <cmath>

struct Arguments {
    float *results;
    const float *values;
    unsigned n, function;
};

struct Function {
    float (*exact)(float);
    double (*reference)(double);
};

static const Function Functions[] = {
    {exact::exp, std::exp},
    {exact::exp2, std::exp2},
    {exact::exp10, [](double x) { return std::pow(10.0, x); }},
    {exact::log, std::log},
    {exact::log2, std::log2},
    {exact::log10, std::log10},
    {exact::sin, std::sin},
    {exact::cos, std::cos},
    {exact::tan, std::tan},
    {exact::tanh, std::tanh},
    {exact::rsqrt, [](double x) { return 1 / std::sqrt(x); }},
    {exact::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
    {exact::erf, std::erf},
    {exact::gelu, [](double x) { return x < -40 ? 0 : x * (0.5 * std::erfc(x * -0.70710678118654752440)); }},
};

extern "C" void run(const Arguments *arguments) {
    auto [results, values, n, function] = *arguments;
    for (unsigned i = 0; i < n; i++) results[i] = Functions[function].exact(values[i]);
}

// In units in the last place of the reference; where one of the two is no number, the other must not be.
static double distance(float got, double reference) {
    if (reference != reference || got != got) return (reference != reference) == (got != got) ? 0 : INFINITY;
    if (std::fabs(reference) >= 0x1.ffffffp127) return std::isinf(got) && (got < 0) == (reference < 0) ? 0 : INFINITY;
    double value = std::isinf(got) ? std::copysign(0x1p128, got) : got;
    int exponent = reference == 0 ? -126 : std::fmax(std::ilogb(reference), -126);
    return std::fabs(value - reference) / std::ldexp(1.0, exponent - 23);
}

// The worst of the floats whose bits are first, first + step, ... ; a step of 1 from 0 is all of them.
extern "C" double worst(unsigned function, unsigned first, unsigned step, float *where) {
    double most = 0;
    for (unsigned long long bits = first; bits <= 0xffffffffu; bits += step) {
        float x = __builtin_bit_cast(float, (unsigned)bits);
        double d = distance(Functions[function].exact(x), Functions[function].reference(x));
        if (d > most) most = d, *where = x;
    }
    return most;
}
