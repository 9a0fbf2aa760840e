// Shuffles and votes of a full 32-lane warp.
#pragma once

#define BROKER_SHUFFLE(name, builtin, clamp)                                                                     \
    static __device__ __forceinline__ int name(unsigned mask, int value, int lane) {                              \
        return builtin##_i32(mask, value, lane, clamp);                                                           \
    }                                                                                                             \
    static __device__ __forceinline__ unsigned name(unsigned mask, unsigned value, int lane) {                    \
        return (unsigned)builtin##_i32(mask, (int)value, lane, clamp);                                            \
    }                                                                                                             \
    static __device__ __forceinline__ float name(unsigned mask, float value, int lane) {                          \
        return builtin##_f32(mask, value, lane, clamp);                                                           \
    }
BROKER_SHUFFLE(__shfl_sync, __nvvm_shfl_sync_idx, 0x1f)
BROKER_SHUFFLE(__shfl_up_sync, __nvvm_shfl_sync_up, 0)
BROKER_SHUFFLE(__shfl_down_sync, __nvvm_shfl_sync_down, 0x1f)
BROKER_SHUFFLE(__shfl_xor_sync, __nvvm_shfl_sync_bfly, 0x1f)
#undef BROKER_SHUFFLE

static __device__ __forceinline__ unsigned __ballot_sync(unsigned mask, int p) { return __nvvm_vote_ballot_sync(mask, p); }
static __device__ __forceinline__ int __any_sync(unsigned mask, int p) { return __nvvm_vote_any_sync(mask, p); }
static __device__ __forceinline__ int __all_sync(unsigned mask, int p) { return __nvvm_vote_all_sync(mask, p); }
