// Elementary functions of one float that give the same bits on every device: fma, integer operations, correctly rounded
// division and square root, and nothing approximate. The bounds are in units in the last place (ulp) over every float, against
// results of twice the precision; bench exact-math measures them again. Infinities, zeros and NaN are as in C.
#pragma once

#ifdef __CUDACC__
#define EXACT_FUNCTION static __device__ __forceinline__
#elif defined(__CUDA__)
#define EXACT_FUNCTION static __attribute__((device)) __inline__ __attribute__((always_inline))
#else
#define EXACT_FUNCTION static inline
#endif

namespace exact {

namespace detail {

#if defined(__CUDA_ARCH__) && !defined(__clang__)
EXACT_FUNCTION float multiply(float x, float y) { return __fmul_rn(x, y); }
EXACT_FUNCTION float add(float x, float y) { return __fadd_rn(x, y); }
EXACT_FUNCTION float divide(float x, float y) { return __fdiv_rn(x, y); }
EXACT_FUNCTION float fused(float x, float y, float z) { return __fmaf_rn(x, y, z); }
EXACT_FUNCTION float root(float x) { return __fsqrt_rn(x); }
EXACT_FUNCTION unsigned bits(float x) { return __float_as_uint(x); }
EXACT_FUNCTION float of_bits(unsigned x) { return __uint_as_float(x); }
EXACT_FUNCTION float magnitude(float x) { return fabsf(x); }
EXACT_FUNCTION float round_even(float x) { return rintf(x); }
#else
// clang fuses a product and a sum of one expression at most, and never across functions.
EXACT_FUNCTION float multiply(float x, float y) { return x * y; }
EXACT_FUNCTION float add(float x, float y) { return x + y; }
EXACT_FUNCTION float divide(float x, float y) { return x / y; }
EXACT_FUNCTION float fused(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
#ifdef __CUDA_ARCH__
EXACT_FUNCTION float root(float x) { return __nvvm_sqrt_rn_f(x); }
#else
EXACT_FUNCTION float root(float x) { return __builtin_sqrtf(x); }
#endif
EXACT_FUNCTION unsigned bits(float x) { return __builtin_bit_cast(unsigned, x); }
EXACT_FUNCTION float of_bits(unsigned x) { return __builtin_bit_cast(float, x); }
EXACT_FUNCTION float magnitude(float x) { return __builtin_fabsf(x); }
EXACT_FUNCTION float round_even(float x) { return __builtin_rintf(x); }
#endif

EXACT_FUNCTION float subtract(float x, float y) { return add(x, -y); }
EXACT_FUNCTION float signed_as(float x, float sign) { return of_bits((bits(x) & 0x7fffffffu) | (bits(sign) & 0x80000000u)); }
EXACT_FUNCTION float infinity() { return of_bits(0x7f800000u); }
EXACT_FUNCTION float not_a_number() { return of_bits(0x7fffffffu); }
EXACT_FUNCTION bool is_nan(float x) { return x != x; }

// Keeps a NaN, unlike min and max.
EXACT_FUNCTION float clamp(float x, float least, float most) { return x < least ? least : x > most ? most : x; }

// x * 2^n for n in [-252, 254], rounded once at most where x is in [0.5, 2].
EXACT_FUNCTION float scale(float x, int n) {
    int half = n >> 1;
    return multiply(multiply(x, of_bits((unsigned)(half + 127) << 23)), of_bits((unsigned)(n - half + 127) << 23));
}

// The nearest integer of |x| < 2^22, as a float and as an int: added to 1.5 * 2^23, it lies in the low bits.
struct Nearest {
    float real;
    int whole;
};
EXACT_FUNCTION Nearest nearest(float x, float factor) {
    float sum = fused(x, factor, 12582912.0f);
    return {subtract(sum, 12582912.0f), (int)(bits(sum) - 0x4b400000u)};
}

// e^r for |r| <= ln(2) / 2, within 2^-28.1 before the last rounding.
EXACT_FUNCTION float exp_near_zero(float r) {
    float p = 0x1.6a4dcep-10f;
    p = fused(p, r, 0x1.123e5cp-7f);
    p = fused(p, r, 0x1.5558b8p-5f);
    p = fused(p, r, 0x1.55548cp-3f);
    p = fused(p, r, 0x1.fffffcp-2f);
    p = fused(p, r, 1.0f);
    return fused(p, r, 1.0f);
}

// 2^(high + low), low a correction of high; |high| <= 160.
EXACT_FUNCTION float exp2_of_sum(float high, float low) {
    Nearest n = nearest(high, 1.0f);
    float r = add(subtract(high, n.real), low);
    float p = 0x1.417e78p-13f;
    p = fused(p, r, 0x1.5f0abep-10f);
    p = fused(p, r, 0x1.3b2dd0p-7f);
    p = fused(p, r, 0x1.c6af78p-5f);
    p = fused(p, r, 0x1.ebfbdcp-3f);
    p = fused(p, r, 0x1.62e430p-1f);
    return scale(fused(p, r, 1.0f), n.whole);
}

// ln(x) of a positive finite x is exponent * ln(2) + high + low.
struct LogParts {
    float exponent, high, low;
};
EXACT_FUNCTION LogParts log_parts(float x) {
    bool tiny = x < 0x1p-126f;
    unsigned word = bits(tiny ? multiply(x, 0x1p23f) : x);
    unsigned shift = (word - 0x3f2aaaabu) & 0xff800000u; // what brings it into [2/3, 4/3)
    float f = subtract(of_bits(word - shift), 1.0f);
    float p = -0x1.07f7d8p-3f;
    p = fused(p, f, 0x1.1e73a0p-3f);
    p = fused(p, f, -0x1.f317dep-4f);
    p = fused(p, f, 0x1.1ed424p-3f);
    p = fused(p, f, -0x1.559d8ap-3f);
    p = fused(p, f, 0x1.99d05ep-3f);
    p = fused(p, f, -0x1.fffef2p-3f);
    p = fused(p, f, 0x1.555506p-2f);
    p = fused(p, f, -0.5f);
    float rest = multiply(multiply(f, f), p);
    float high = add(f, rest);
    return {add((float)((int)shift >> 23), tiny ? -23.0f : 0.0f), high, add(subtract(f, high), rest)};
}

// What a logarithm is where log_parts does not reach.
EXACT_FUNCTION float log_of(float x, float usual) {
    float special = x == 0.0f ? -infinity() : x < 0.0f ? not_a_number() : x; // infinity and NaN are their own
    return x > 0.0f && x < infinity() ? usual : special;
}

// x - quadrant * pi / 2, for any finite x.
struct Angle {
    float rest;
    unsigned quadrant;
};

// Payne and Hanek: the product with those bits of 2 / pi that matter, in integers. For |x| >= 1.
EXACT_FUNCTION Angle reduce_large(float x) {
    unsigned word = bits(x), exponent = (word >> 23 & 255) - 126, mantissa = (word << 8) | 0x80000000u;
    unsigned first = exponent >> 5, shift = exponent & 31;
    // 2 / pi, 32 bits a word, after a word of zeros: four words from the one that the exponent names.
    unsigned a = first == 0 ? 0x00000000u : first == 1 ? 0x28be60dbu : first == 2 ? 0x9391054au : first == 3 ? 0x7f09d5f4u : 0x7d4d3770u;
    unsigned b = first == 0 ? 0x28be60dbu : first == 1 ? 0x9391054au : first == 2 ? 0x7f09d5f4u : first == 3 ? 0x7d4d3770u : 0x36d8a566u;
    unsigned c = first == 0 ? 0x9391054au : first == 1 ? 0x7f09d5f4u : first == 2 ? 0x7d4d3770u : first == 3 ? 0x36d8a566u : 0x4f10e410u;
    unsigned d = first == 0 ? 0x7f09d5f4u : first == 1 ? 0x7d4d3770u : first == 2 ? 0x36d8a566u : first == 3 ? 0x4f10e410u : 0x7f9458eau;
    unsigned back = 32 - shift;
    unsigned high = shift == 0 ? a : a << shift | b >> back;
    unsigned middle = shift == 0 ? b : b << shift | c >> back;
    unsigned low = shift == 0 ? c : c << shift | d >> back;
    unsigned long long product = (unsigned long long)mantissa * low >> 32;
    product += (unsigned long long)mantissa * middle;
    product += (unsigned long long)(mantissa * high) << 32;
    // Two bits of quadrant, 62 of the fraction, to the nearest quadrant.
    unsigned quadrant = (unsigned)(product >> 62) + (unsigned)(product >> 61 & 1);
    long long fraction = (long long)(product << 2) >> 2;
    float rest = (float)((double)fraction * 0x1.921fb54442d18p-62);
    return word >> 31 != 0 ? Angle{-rest, 0u - quadrant} : Angle{rest, quadrant};
}

EXACT_FUNCTION Angle reduce(float x) {
    Nearest n = nearest(x, 0x1.45f306p-1f);
    float rest = fused(n.real, -0x1.921fb6p+0f, x);
    rest = fused(n.real, 0x1.777a5cp-25f, rest);
    rest = fused(n.real, 0x1.ee59dap-50f, rest);
    Angle angle = {rest, (unsigned)n.whole};
    if (magnitude(x) > 32768.0f) angle = reduce_large(x);
    return angle;
}

EXACT_FUNCTION float sin_near_zero(float r) {
    float s = multiply(r, r);
    float p = 0x1.7c2d52p-19f;
    p = fused(p, s, -0x1.a05956p-13f);
    p = fused(p, s, 0x1.111174p-7f);
    p = fused(p, s, -0x1.555556p-3f);
    return fused(p, multiply(s, r), r);
}

EXACT_FUNCTION float cos_near_zero(float r) {
    float s = multiply(r, r);
    float p = 0x1.99e71cp-16f;
    p = fused(p, s, -0x1.6c0c26p-10f);
    p = fused(p, s, 0x1.55554ap-5f);
    p = fused(p, s, -0.5f);
    return fused(p, s, 1.0f);
}

EXACT_FUNCTION float sin_in_quadrant(Angle angle, unsigned turn) {
    unsigned quadrant = angle.quadrant + turn;
    float value = (quadrant & 1) != 0 ? cos_near_zero(angle.rest) : sin_near_zero(angle.rest);
    return (quadrant & 2) != 0 ? -value : value;
}

EXACT_FUNCTION bool is_finite(float x) { return magnitude(x) < infinity(); }

} // namespace detail

// e^x, within 0.90 ulp.
EXACT_FUNCTION float exp(float x) {
    using namespace detail;
    x = clamp(x, -110.0f, 90.0f);
    Nearest n = nearest(x, 0x1.715476p+0f);
    float r = fused(n.real, -0x1.62e400p-1f, x);
    r = fused(n.real, -0x1.7f7d1cp-20f, r);
    return scale(exp_near_zero(r), n.whole);
}

// 2^x, within 0.88 ulp.
EXACT_FUNCTION float exp2(float x) { return detail::exp2_of_sum(detail::clamp(x, -160.0f, 130.0f), 0.0f); }

// 10^x, within 0.92 ulp.
EXACT_FUNCTION float exp10(float x) {
    using namespace detail;
    x = clamp(x, -47.0f, 39.0f);
    float high = multiply(x, 0x1.a934f0p+1f);
    return exp2_of_sum(high, fused(x, 0x1.2f346ep-24f, fused(x, 0x1.a934f0p+1f, -high)));
}

// The natural logarithm, within 0.90 ulp.
EXACT_FUNCTION float log(float x) {
    using namespace detail;
    LogParts parts = log_parts(x);
    float low = fused(parts.exponent, -0x1.05c610p-29f, parts.low);
    return log_of(x, add(fused(parts.exponent, 0x1.62e430p-1f, parts.high), low));
}

// The logarithm to base 2, within 1.43 ulp.
EXACT_FUNCTION float log2(float x) {
    using namespace detail;
    LogParts parts = log_parts(x);
    float low = fused(parts.low, 0x1.715476p+0f, multiply(parts.high, 0x1.4ae0c0p-26f));
    return log_of(x, add(fused(parts.high, 0x1.715476p+0f, parts.exponent), low));
}

// The logarithm to base 10, within 1.16 ulp.
EXACT_FUNCTION float log10(float x) {
    using namespace detail;
    LogParts parts = log_parts(x);
    float high = multiply(parts.high, 0x1.bcb7b2p-2f);
    float low = fused(parts.high, 0x1.bcb7b2p-2f, -high);
    low = fused(parts.high, -0x1.5b235ep-27f, fused(parts.low, 0x1.bcb7b2p-2f, low));
    low = fused(parts.exponent, -0x1.ec10c0p-27f, low);
    return log_of(x, add(fused(parts.exponent, 0x1.344136p-2f, high), low));
}

// The sine of any float, within 1.50 ulp.
EXACT_FUNCTION float sin(float x) {
    using namespace detail;
    return is_finite(x) ? sin_in_quadrant(reduce(x), 0) : not_a_number();
}

// The cosine of any float, within 1.50 ulp.
EXACT_FUNCTION float cos(float x) {
    using namespace detail;
    return is_finite(x) ? sin_in_quadrant(reduce(x), 1) : not_a_number();
}

// The tangent of any float, within 3.21 ulp.
EXACT_FUNCTION float tan(float x) {
    using namespace detail;
    Angle angle = reduce(x);
    float s = sin_near_zero(angle.rest), c = cos_near_zero(angle.rest);
    bool odd = (angle.quadrant & 1) != 0;
    return is_finite(x) ? divide(odd ? -c : s, odd ? s : c) : not_a_number();
}

// The hyperbolic tangent, within 1.59 ulp.
EXACT_FUNCTION float tanh(float x) {
    using namespace detail;
    float t = magnitude(x), s = multiply(x, x);
    float large = subtract(1.0f, divide(2.0f, add(exact::exp(multiply(2.0f, t)), 1.0f)));
    float p = -0x1.94bd32p-8f;
    p = fused(p, s, 0x1.58221ep-6f);
    p = fused(p, s, -0x1.b90756p-5f);
    p = fused(p, s, 0x1.110c64p-3f);
    p = fused(p, s, -0x1.555548p-2f);
    return t < 0.55f ? fused(p, multiply(s, x), x) : signed_as(large, x);
}

// 1 / sqrt(x), within 1.50 ulp.
EXACT_FUNCTION float rsqrt(float x) { return detail::divide(1.0f, detail::root(x)); }

// 1 / (1 + e^-x), within 2.41 ulp.
EXACT_FUNCTION float sigmoid(float x) {
    using namespace detail;
    float e = exact::exp(-magnitude(x));
    return divide(x < 0.0f ? e : 1.0f, add(1.0f, e));
}

// The error function, within 1.02 ulp.
EXACT_FUNCTION float erf(float x) {
    using namespace detail;
    float t = clamp(magnitude(x), 0.0f, 4.0f), s = multiply(x, x);
    float large = -0x1.78d912p-17f;
    large = fused(large, t, 0x1.527bdcp-12f);
    large = fused(large, t, -0x1.dd6cf0p-9f);
    large = fused(large, t, 0x1.85517ap-6f);
    large = fused(large, t, -0x1.b32582p-4f);
    large = fused(large, t, -0x1.45328cp-1f);
    large = fused(large, t, -0x1.0778dep-3f);
    large = subtract(1.0f, exact::exp(fused(large, t, -t)));
    float p = 0x1.4f675ep-14f;
    p = fused(p, s, -0x1.a60a2ep-11f);
    p = fused(p, s, 0x1.544a1ap-8f);
    p = fused(p, s, -0x1.b8011ap-6f);
    p = fused(p, s, 0x1.ce2d64p-4f);
    p = fused(p, s, -0x1.812740p-2f);
    p = fused(p, s, 0x1.06eba8p-3f);
    return t < 0.92f ? fused(p, x, x) : signed_as(large, x);
}

// x times the normal distribution function of x, without the usual approximation by tanh; within 4.42 ulp.
EXACT_FUNCTION float gelu(float x) {
    using namespace detail;
    // For |x| < 1, Phi(x) is 1/2 and x times a polynomial of x^2.
    float square = multiply(x, x), near = -0x1.0bc018p-17f;
    near = fused(near, square, 0x1.e07c2ep-14f);
    near = fused(near, square, -0x1.375458p-10f);
    near = fused(near, square, 0x1.46d438p-7f);
    near = fused(near, square, -0x1.10585ep-4f);
    near = fused(near, square, 0x1.988454p-2f);
    near = multiply(fused(near, x, 0.5f), x);

    // Beyond, (1 + 2t) e^(t^2 / 2) Phi(-t) is a polynomial of q = (t - 3.5) / (t + 3.5).
    float t = clamp(magnitude(x), 1.0f, 15.0f);
    float sum = add(t, 3.5f), difference = subtract(t, 3.5f);
    float q = divide(difference, sum);
    float p = 0x1.52f5c6p-14f;
    p = fused(p, q, 0x1.ed0716p-12f);
    p = fused(p, q, 0x1.35e1a6p-14f);
    p = fused(p, q, -0x1.abe8a6p-9f);
    p = fused(p, q, 0x1.f9ea2ap-10f);
    p = fused(p, q, 0x1.6ddde2p-6f);
    p = fused(p, q, -0x1.45f52ep-4f);
    p = fused(p, q, 0x1.1a143ap-3f);
    p = fused(p, q, -0x1.fd0ebcp-4f);
    p = fused(p, q, -0x1.0f7f48p-7f);
    p = fused(p, q, 0x1.b396fap-1f);
    square = multiply(t, t);
    float error = fused(t, t, -square);
    float e = exact::exp(multiply(-0.5f, square));
    float share = divide(multiply(p, t), fused(2.0f, t, 1.0f));
    share = fused(share, multiply(-0.5f, error), share);
    float tail = multiply(share, e); // t Phi(-t)
    float beyond = x < 0.0f ? -tail : subtract(x, tail);
    return magnitude(x) >= 1.0f ? beyond : near;
}

// x^y, within 1.5 ulp; there are too many pairs to try them all: 20 million were.
EXACT_FUNCTION float pow(float x, float y) {
    using namespace detail;
    float a = magnitude(x);
    bool tiny = a < 0x1p-126f;
    unsigned word = bits(tiny ? multiply(a, 0x1p23f) : a);
    unsigned shift = (word - 0x3f3504f3u) & 0xff800000u; // what brings it into [sqrt(1/2), sqrt(2))
    float exponent = add((float)((int)shift >> 23), tiny ? -23.0f : 0.0f), m = of_bits(word - shift);

    // ln(m) = 2 atanh(q), q = (m - 1) / (m + 1); q and its powers with what they were rounded by.
    float f = subtract(m, 1.0f), sum = add(2.0f, f);
    float sum_error = subtract(f, subtract(sum, 2.0f));
    float q = divide(f, sum);
    float q_error = divide(fused(-q, sum_error, fused(-q, sum, f)), sum);
    float s = multiply(q, q);
    float s_error = fused(q, multiply(2.0f, q_error), fused(q, q, -s));
    float p = 0x1.f13fe8p-4f;
    p = fused(p, s, 0x1.23d3d2p-3f);
    p = fused(p, s, 0x1.999c26p-3f);
    // A third in two floats; the sum of the rest rounds far below.
    float cube = multiply(s, q), cube_error = fused(s, q, -cube);
    cube_error = fused(s, q_error, fused(s_error, q, cube_error));
    float inner = multiply(p, s);
    float c = add(0x1.555556p-2f, inner);
    float c_error = add(subtract(0x1.555556p-2f, c), inner);
    c_error = add(c_error, -0x1.555556p-27f);
    float t = multiply(c, cube), t_error = fused(c, cube, -t);
    t_error = fused(c, cube_error, fused(c_error, cube, t_error));
    float half = add(q, t);
    float half_error = add(add(subtract(q, half), t), add(q_error, t_error));

    // log2(a) = exponent + half * 2 / ln(2).
    float l = multiply(half, 0x1.715476p+1f);
    float l_error = fused(half, 0x1.715476p+1f, -l);
    l_error = fused(half, 0x1.4ae0c0p-25f, fused(half_error, 0x1.715476p+1f, l_error));
    float high = add(exponent, l);
    float low = add(subtract(l, subtract(high, exponent)), l_error);
    float whole = add(high, low);
    low = add(subtract(high, whole), low);

    float z = multiply(y, whole);
    float z_error = fused(y, low, fused(y, whole, -z));
    bool far = !(magnitude(z) < 160.0f);
    float value = exp2_of_sum(clamp(z, -160.0f, 160.0f), far ? 0.0f : z_error);

    // C's annex F, section 10.4.4. Every float from 2^24 on is an even number.
    float integer = round_even(y);
    bool is_integer = integer == y, odd = is_integer && magnitude(y) < 0x1p24f && ((int)integer & 1) != 0;
    bool grows = (a > 1.0f) == (y > 0.0f);
    if (a == 0.0f || a == infinity() || !is_finite(y)) value = a == 1.0f ? 1.0f : grows ? infinity() : 0.0f;
    if (x < 0.0f && is_finite(x) && is_finite(y) && !is_integer) value = not_a_number();
    if (bits(x) >> 31 != 0 && odd) value = -value;
    if (is_nan(x) || is_nan(y)) value = not_a_number();
    return x == 1.0f || y == 0.0f ? 1.0f : value;
}

} // namespace exact
