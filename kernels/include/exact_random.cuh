// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): random words from a counter and a key.
// A thread needs no state, and block 17 draws the same numbers whichever device runs it, and whichever blocks ran before.
#pragma once

#include "exact_math.cuh"

namespace exact {

struct Words {
    unsigned x, y, z, w;
};

EXACT_FUNCTION Words philox(Words counter, unsigned long long key) {
    unsigned low = (unsigned)key, high = (unsigned)(key >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned long long a = 0xd2511f53ull * counter.x, b = 0xcd9e8d57ull * counter.z;
        counter = {(unsigned)(b >> 32) ^ counter.y ^ low, (unsigned)b, (unsigned)(a >> 32) ^ counter.w ^ high, (unsigned)a};
        low += 0x9e3779b9u;
        high += 0xbb67ae85u;
    }
    return counter;
}

// A number in (0, 1): the middle of one of 2^23 equal parts, exact.
EXACT_FUNCTION float uniform(unsigned word) { return detail::fused((float)(word >> 9), 0x1p-23f, 0x1p-24f); }

// Two independent normal numbers, by Box and Muller: the radius from one word, the angle from the other.
struct Normals {
    float first, second;
};
EXACT_FUNCTION Normals normal(unsigned a, unsigned b) {
    using namespace detail;
    float radius = root(multiply(-2.0f, exact::log(uniform(a))));
    // The angle's part of a turn is (2k + 1) / 2^24; its distance from the nearest quarter turn is exact.
    unsigned turn = (b >> 9) * 2 + 1, quadrant = (turn + 0x200000u) >> 22;
    float rest = multiply((float)(int)(turn - (quadrant << 22)), 0x1.921fb6p-22f);
    Angle angle = {rest, quadrant};
    return {multiply(radius, sin_in_quadrant(angle, 1)), multiply(radius, sin_in_quadrant(angle, 0))};
}

} // namespace exact
