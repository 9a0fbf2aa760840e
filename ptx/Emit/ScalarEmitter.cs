using System.Diagnostics;
using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits instructions for one thread at a time: registers are IL locals of their own types, predicates are 0 or 1.</summary>
internal sealed partial class ScalarEmitter(ILGenerator il, KernelPlan plan)
{
    private readonly Dictionary<Register, LocalBuilder> _registers = [];
    private readonly Dictionary<Type, Stack<LocalBuilder>> _spare = [];

    public ILGenerator Il => il;

    public void Emit(Instruction instruction)
    {
        plan.Marks?.MarkOperands(this, instruction);
        instruction.Form!.Emit(this, instruction);
    }

    /// <summary>Pushes an operand as the type that the instruction's form gives it.</summary>
    public void Load(Instruction instruction, int operand)
    {
        var observed = instruction.Has(Traits.Copies) && !IsInexact(instruction.Operands[0]);
        Load(instruction.Operands[operand], instruction.OperandTypes[operand], observed);
    }

    /// <summary>Pushes an operand whose bits count: a NaN is as a GPU has it.</summary>
    public void LoadObserved(Operand operand, ScalarType type) => Load(operand, type, true);

    public void LoadBits(Operand operand, ScalarType type) => LoadObserved(operand, new ScalarType(TypeClass.Bits, type.Bits));

    public void LoadPredicate(Operand operand)
    {
        var negated = operand as NegatedOperand;
        il.Emit(OpCodes.Ldloc, Local(((RegisterOperand)(negated?.Inner ?? operand)).Register));
        if (negated is null) return;
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ceq);
    }

    public void StorePredicate(Operand operand)
    {
        if (operand is RegisterOperand register) il.Emit(OpCodes.Stloc, Local(register.Register));
        else il.Emit(OpCodes.Pop);
    }

    public void LoadCarry() => il.Emit(OpCodes.Ldloc, Local(plan.Carry));

    public void StoreCarry() => il.Emit(OpCodes.Stloc, Local(plan.Carry));

    /// <summary>Pops a value of the type that the form gives the operand into it.</summary>
    public void Store(Instruction instruction, int operand) =>
        StoreTo(instruction.Operands[operand], instruction.OperandTypes[operand], instruction.Has(Traits.Copies));

    /// <param name="copies">Whether the value has the bits that a GPU would have; arithmetic may have left another NaN.</param>
    public void StoreTo(Operand operand, ScalarType type, bool copies)
    {
        if (operand is not RegisterOperand { Register: var register })
        {
            il.Emit(OpCodes.Pop);
            return;
        }

        if (type.IsReal && !copies && RepresentationOf(register).Exact) MakeCanonical(type.Slot);
        Fit(type, register);
        il.Emit(OpCodes.Stloc, Local(register));
    }

    // Registers of 16 bits are held with zeros above them; wider ones take a narrow value by its sign.
    private void Fit(ScalarType type, Register register)
    {
        if (type == ScalarType.Predicate) return;
        if (type.Bits == 8) il.Emit(type.IsSigned ? OpCodes.Conv_I1 : OpCodes.Conv_U1);
        if (register.Type.Bits == 16) il.Emit(OpCodes.Conv_U2);
        else if (type.Bits == 16) il.Emit(type.IsSigned ? OpCodes.Conv_I2 : OpCodes.Conv_U2);
        var held = RepresentationOf(register).Slot;
        switch (type.Slot, held)
        {
            case (Slot.I32, Slot.I64): il.Emit(type.IsSigned ? OpCodes.Conv_I8 : OpCodes.Conv_U8); break;
            default: Reinterpret(type.Slot, held); break;
        }
    }

    private void Load(Operand operand, ScalarType type, bool observed)
    {
        switch (operand)
        {
            case RegisterOperand register: LoadRegister(register.Register, type, observed); break;
            case ImmediateOperand immediate: LoadImmediate(immediate.Value, type); break;
            case SpecialOperand special:
                LoadSpecial(special.Name);
                if (SpecialRegisters.IsWide(special.Name))
                {
                    if (type.Slot == Slot.I32) il.Emit(OpCodes.Conv_I4);
                }
                else if (type.Slot == Slot.I64) il.Emit(OpCodes.Conv_U8);
                else Narrow(type);
                break;
            case SymbolOperand symbol: LoadAddressOf(symbol, type); break;
            default: throw new UnreachableException(operand.ToString());
        }
    }

    private void LoadRegister(Register register, ScalarType type, bool observed)
    {
        var held = RepresentationOf(register);
        il.Emit(OpCodes.Ldloc, Local(register));
        if (held.Slot is Slot.F32 or Slot.F64 && !held.Exact && (observed || type.Slot != held.Slot)) MakeCanonical(held.Slot);
        if (held.Slot == Slot.I64 && type.Slot == Slot.I32) il.Emit(OpCodes.Conv_I4);
        else Reinterpret(held.Slot, type.Slot);
        if (type.Bits == 16 && register.Type.Bits == 16 && !type.IsSigned) return;
        Narrow(type);
    }

    private void Narrow(ScalarType type)
    {
        if (type.Bits == 8) il.Emit(type.IsSigned ? OpCodes.Conv_I1 : OpCodes.Conv_U1);
        if (type.Bits == 16) il.Emit(type.IsSigned ? OpCodes.Conv_I2 : OpCodes.Conv_U2);
    }

    private void Reinterpret(Slot from, Slot to)
    {
        switch (from, to)
        {
            case (Slot.F32, Slot.I32): Call((Func<float, int>)BitConverter.SingleToInt32Bits); break;
            case (Slot.I32, Slot.F32): Call((Func<int, float>)BitConverter.Int32BitsToSingle); break;
            case (Slot.F64, Slot.I64): Call((Func<double, long>)BitConverter.DoubleToInt64Bits); break;
            case (Slot.I64, Slot.F64): Call((Func<long, double>)BitConverter.Int64BitsToDouble); break;
        }
    }

    private void LoadImmediate(Literal literal, ScalarType type)
    {
        var bits = (literal.Kind, type.Slot) switch
        {
            (LiteralKind.Single, Slot.F64) => BitConverter.DoubleToUInt64Bits(BitConverter.UInt32BitsToSingle((uint)literal.Bits)),
            (LiteralKind.Double, Slot.F32) => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt64BitsToDouble(literal.Bits)),
            _ => literal.Bits,
        };
        if (type == ScalarType.Predicate) bits = bits == 0 ? 0u : 1u;
        if (type.Slot is Slot.I64 or Slot.F64) il.Emit(OpCodes.Ldc_I8, (long)bits);
        else il.Emit(OpCodes.Ldc_I4, (int)bits);
        // A signalling NaN would not survive as a constant of its own type.
        if (type.IsReal) Reinterpret(type.Slot == Slot.F64 ? Slot.I64 : Slot.I32, type.Slot);
        else Narrow(type);
    }

    private void LoadAddressOf(SymbolOperand symbol, ScalarType type)
    {
        il.Emit(OpCodes.Ldc_I8, (long)AddressOf(symbol.Variable) + symbol.Offset);
        if (type.Bits == 32) il.Emit(OpCodes.Conv_I4);
    }

    /// <summary>Gives the address of a variable in its space; a parameter's is generic, since calls pass theirs in local memory.</summary>
    private ulong AddressOf(Variable variable)
    {
        if (plan.ModuleAddresses.TryGetValue(variable, out var address)) return address;
        var (space, offset) = plan.Memory.Places[variable];
        return (variable.Space, space) switch
        {
            (StateSpace.Parameter, StateSpace.Local) => AddressMap.LocalWindow + (ulong)offset,
            (StateSpace.Parameter, _) => AddressMap.ParameterWindow + (ulong)offset,
            _ => (ulong)offset,
        };
    }

    public void Call(Delegate function) => il.Emit(OpCodes.Call, function.Method);

    /// <summary>Gets a local for a short while; <see cref="GiveBack"/> lets others use it.</summary>
    public LocalBuilder Borrow(Slot slot) => Borrow(TypeOf(slot));

    public LocalBuilder Borrow(Type type) =>
        _spare.TryGetValue(type, out var spare) && spare.TryPop(out var local) ? local : il.DeclareLocal(type);

    public void GiveBack(params ReadOnlySpan<LocalBuilder> locals)
    {
        foreach (var local in locals)
        {
            if (!_spare.TryGetValue(local.LocalType, out var spare)) _spare[local.LocalType] = spare = new Stack<LocalBuilder>();
            spare.Push(local);
        }
    }

    public LocalBuilder Local(Register register)
    {
        if (_substitutes.TryGetValue(register, out var substitute)) return substitute;
        if (!_registers.TryGetValue(register, out var local))
            _registers[register] = local = il.DeclareLocal(TypeOf(RepresentationOf(register).Slot));
        return local;
    }

    public Representation RepresentationOf(Register register) =>
        plan.Representations.TryGetValue(register, out var known) ? known : new Representation(register.Type.Slot, true);

    public void MakeCanonical(Slot slot) => Call(slot == Slot.F32 ? RealMath.CanonicalF32 : RealMath.CanonicalF64);

    private bool IsInexact(Operand operand) => operand is RegisterOperand register && !RepresentationOf(register.Register).Exact;

    private static Type TypeOf(Slot slot) => slot switch
    {
        Slot.I32 => typeof(int),
        Slot.I64 => typeof(long),
        Slot.F32 => typeof(float),
        _ => typeof(double),
    };
}
