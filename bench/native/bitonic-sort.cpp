#include "lanes.h"

struct Arguments {
    u32 *keys;
    u32 n;
};

constexpr u32 Block = 1024; // stays in the first cache

static inline void exchange(u32 *keys, u32 low, u32 reach, bool up) {
    vu a = load<vu>(keys + low), b = load<vu>(keys + low + reach);
    vu least = a < b ? a : b, most = a < b ? b : a;
    store(keys + low, up ? least : most);
    store(keys + low + reach, up ? most : least);
}

static inline void merge_far(u32 *keys, u32 first, u32 end, u32 size, u32 reach) {
    for (u32 group = first; group < end; group += reach * 2)
        for (u32 low = group; low < group + reach; low += Lanes) exchange(keys, low, reach, (low & size) == 0);
}

static inline vu merge_lanes(vu v, vu other, vu index, u32 size, u32 reach) {
    vi least = ((index & size) == 0) == ((index & reach) == 0);
    return least ? (v < other ? v : other) : (v < other ? other : v);
}

// The exchanges inside of vectors, from a reach of 8 or half the size on.
static inline void merge_vectors(u32 *keys, u32 first, u32 end, u32 size) {
    for (u32 i = first; i < end; i += Lanes) {
        vu v = load<vu>(keys + i), index = vu{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} + i;
        if (size >= 16) v = merge_lanes(v, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7), index, size, 8);
        if (size >= 8) v = merge_lanes(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11), index, size, 4);
        if (size >= 4) v = merge_lanes(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13), index, size, 2);
        v = merge_lanes(v, __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14), index, size, 1);
        store(keys + i, v);
    }
}

static void merge_block(u32 *keys, u32 first, u32 size) {
    for (u32 reach = size < Block ? size / 2 : Block / 2; reach >= Lanes; reach /= 2) merge_far(keys, first, first + Block, size, reach);
    merge_vectors(keys, first, first + Block, size);
}

// n is a power of two, at least 1024.
extern "C" void run(const Arguments *arguments) {
    auto [keys, n] = *arguments;
    for (u32 first = 0; first < n; first += Block)
        for (u32 size = 2; size <= Block; size *= 2) merge_block(keys, first, size);
    for (u32 size = Block * 2; size <= n; size *= 2) {
        for (u32 reach = size / 2; reach >= Block; reach /= 2) merge_far(keys, 0, n, size, reach);
        for (u32 first = 0; first < n; first += Block) merge_block(keys, first, size);
    }
}
