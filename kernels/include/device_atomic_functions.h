// Atomics: each is one relaxed atom instruction at GPU scope, and clang finds the state space of the address.
#pragma once

#define BROKER_ATOMIC(name, T, builtin, B)                                                                       \
    static __device__ __forceinline__ T name(T *address, T value) { return (T)builtin((B *)address, (B)value); }

BROKER_ATOMIC(atomicAdd, int, __nvvm_atom_add_gen_i, int)
BROKER_ATOMIC(atomicAdd, unsigned, __nvvm_atom_add_gen_i, int)
BROKER_ATOMIC(atomicAdd, unsigned long long, __nvvm_atom_add_gen_ll, long long)
BROKER_ATOMIC(atomicAdd, float, __nvvm_atom_add_gen_f, float)
BROKER_ATOMIC(atomicAdd, double, __nvvm_atom_add_gen_d, double)
BROKER_ATOMIC(atomicSub, int, __nvvm_atom_sub_gen_i, int)
BROKER_ATOMIC(atomicSub, unsigned, __nvvm_atom_sub_gen_i, int)
BROKER_ATOMIC(atomicMin, int, __nvvm_atom_min_gen_i, int)
BROKER_ATOMIC(atomicMin, unsigned, __nvvm_atom_min_gen_ui, unsigned)
BROKER_ATOMIC(atomicMin, long long, __nvvm_atom_min_gen_ll, long long)
BROKER_ATOMIC(atomicMin, unsigned long long, __nvvm_atom_min_gen_ull, unsigned long long)
BROKER_ATOMIC(atomicMax, int, __nvvm_atom_max_gen_i, int)
BROKER_ATOMIC(atomicMax, unsigned, __nvvm_atom_max_gen_ui, unsigned)
BROKER_ATOMIC(atomicMax, long long, __nvvm_atom_max_gen_ll, long long)
BROKER_ATOMIC(atomicMax, unsigned long long, __nvvm_atom_max_gen_ull, unsigned long long)
BROKER_ATOMIC(atomicAnd, int, __nvvm_atom_and_gen_i, int)
BROKER_ATOMIC(atomicAnd, unsigned, __nvvm_atom_and_gen_i, int)
BROKER_ATOMIC(atomicAnd, unsigned long long, __nvvm_atom_and_gen_ll, long long)
BROKER_ATOMIC(atomicOr, int, __nvvm_atom_or_gen_i, int)
BROKER_ATOMIC(atomicOr, unsigned, __nvvm_atom_or_gen_i, int)
BROKER_ATOMIC(atomicOr, unsigned long long, __nvvm_atom_or_gen_ll, long long)
BROKER_ATOMIC(atomicXor, int, __nvvm_atom_xor_gen_i, int)
BROKER_ATOMIC(atomicXor, unsigned, __nvvm_atom_xor_gen_i, int)
BROKER_ATOMIC(atomicXor, unsigned long long, __nvvm_atom_xor_gen_ll, long long)
BROKER_ATOMIC(atomicExch, int, __nvvm_atom_xchg_gen_i, int)
BROKER_ATOMIC(atomicExch, unsigned, __nvvm_atom_xchg_gen_i, int)
BROKER_ATOMIC(atomicExch, unsigned long long, __nvvm_atom_xchg_gen_ll, long long)
BROKER_ATOMIC(atomicInc, unsigned, __nvvm_atom_inc_gen_ui, unsigned)
BROKER_ATOMIC(atomicDec, unsigned, __nvvm_atom_dec_gen_ui, unsigned)
#undef BROKER_ATOMIC

static __device__ __forceinline__ float atomicExch(float *address, float value) {
    return __builtin_bit_cast(float, __nvvm_atom_xchg_gen_i((int *)address, __builtin_bit_cast(int, value)));
}

#define BROKER_ATOMIC_CAS(T, builtin, B)                                                                         \
    static __device__ __forceinline__ T atomicCAS(T *address, T expected, T value) {                              \
        return (T)builtin((B *)address, (B)expected, (B)value);                                                   \
    }
BROKER_ATOMIC_CAS(int, __nvvm_atom_cas_gen_i, int)
BROKER_ATOMIC_CAS(unsigned, __nvvm_atom_cas_gen_i, int)
BROKER_ATOMIC_CAS(unsigned long long, __nvvm_atom_cas_gen_ll, long long)
#undef BROKER_ATOMIC_CAS
