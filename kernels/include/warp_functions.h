// Shuffles, votes and matches of a 32-lane warp, or of parts of it whose width is a power of two.
#pragma once

// A value of four bytes goes in one shuffle, one of eight bytes in two.
#define BROKER_SHUFFLE(name, builtin, clamp, Lane)                                                                \
    template <typename T>                                                                                         \
    static __device__ __forceinline__ T name(unsigned mask, T value, Lane lane, int width = 32) {                  \
        static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle moves four or eight bytes");                   \
        int part = ((32 - width) << 8) | clamp;                                                                   \
        if constexpr (sizeof(T) == 4) {                                                                           \
            return __builtin_bit_cast(T, builtin(mask, __builtin_bit_cast(int, value), (int)lane, part));         \
        } else {                                                                                                  \
            int2 words = __builtin_bit_cast(int2, value);                                                         \
            words.x = builtin(mask, words.x, (int)lane, part);                                                    \
            words.y = builtin(mask, words.y, (int)lane, part);                                                    \
            return __builtin_bit_cast(T, words);                                                                  \
        }                                                                                                         \
    }
BROKER_SHUFFLE(__shfl_sync, __nvvm_shfl_sync_idx_i32, 0x1f, int)
BROKER_SHUFFLE(__shfl_up_sync, __nvvm_shfl_sync_up_i32, 0, unsigned)
BROKER_SHUFFLE(__shfl_down_sync, __nvvm_shfl_sync_down_i32, 0x1f, unsigned)
BROKER_SHUFFLE(__shfl_xor_sync, __nvvm_shfl_sync_bfly_i32, 0x1f, int)
#undef BROKER_SHUFFLE

static __device__ __forceinline__ unsigned __ballot_sync(unsigned mask, int p) { return __nvvm_vote_ballot_sync(mask, p); }
static __device__ __forceinline__ int __any_sync(unsigned mask, int p) { return __nvvm_vote_any_sync(mask, p); }
static __device__ __forceinline__ int __all_sync(unsigned mask, int p) { return __nvvm_vote_all_sync(mask, p); }
static __device__ __forceinline__ int __uni_sync(unsigned mask, int p) { return __nvvm_vote_uni_sync(mask, p); }

template <typename T>
static __device__ __forceinline__ unsigned __match_any_sync(unsigned mask, T value) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a match compares four or eight bytes");
    if constexpr (sizeof(T) == 4) return __nvvm_match_any_sync_i32(mask, __builtin_bit_cast(unsigned, value));
    else return __nvvm_match_any_sync_i64(mask, __builtin_bit_cast(unsigned long long, value));
}

template <typename T>
static __device__ __forceinline__ unsigned __match_all_sync(unsigned mask, T value, int *all) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a match compares four or eight bytes");
    if constexpr (sizeof(T) == 4) return __nvvm_match_all_sync_i32p(mask, __builtin_bit_cast(unsigned, value), all);
    else return __nvvm_match_all_sync_i64p(mask, __builtin_bit_cast(unsigned long long, value), all);
}
