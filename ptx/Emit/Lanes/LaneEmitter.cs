using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Audit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits instructions for several threads side by side.</summary>
/// <remarks>
/// What is the same in all lanes, or grows by a fixed stride, is held as one number, that of the first lane, and computed by
/// the <see cref="ScalarEmitter"/>. What varies is held in vectors; a predicate that varies is a vector of ones and zeros, whole elements of them.
/// </remarks>
internal sealed partial class LaneEmitter
{
    private readonly LanePlan _plan;
    private readonly Dictionary<(Register, int Part), LocalBuilder> _vectors = [];
    private readonly LaneFlow _flow;

    public LaneEmitter(ILGenerator il, LanePlan plan, LaneFlow flow)
    {
        (Il, _plan, _flow, Shape) = (il, plan, flow, LaneShape.Of(plan.Lanes));
        Scalar = new ScalarEmitter(il, plan.Kernel) { HasIrregularRows = !plan.IsRegular };
        Bits = il.DeclareLocal(typeof(int));
        Active = il.DeclareLocal(Shape.Vector(Slot.I32));
        Lane = il.DeclareLocal(typeof(int));
    }

    public ILGenerator Il { get; }

    public LaneShape Shape { get; }

    public ScalarEmitter Scalar { get; }

    /// <summary>Gets the local that has a bit for each lane that runs.</summary>
    public LocalBuilder Bits { get; }

    /// <summary>Gets the local that has the same as a vector.</summary>
    public LocalBuilder Active { get; }

    /// <summary>Gets the local that counts lanes where they take turns.</summary>
    public LocalBuilder Lane { get; }

    /// <summary>Gets or sets whether some lanes may rest in the code that is being emitted.</summary>
    public bool Masked { get; set; }

    /// <summary>Gets or sets the number of the block that is being emitted.</summary>
    public int Block { get; set; }

    /// <summary>Gets what is noted beside, in an audit.</summary>
    public AccessMarks? Marks => _plan.Kernel.Marks;

    public void Emit(Instruction instruction)
    {
        LaneMarks.MarkOperands(this, instruction);
        var touchesMemory = instruction.Form!.Shapes.Any(s => s.Role == OperandRole.Memory) && !instruction.Has(Traits.Hints);
        var written = Registers.WrittenBy(instruction, _plan.Kernel.Carry).ToList();
        if (instruction.Opcode is "atom" or "red")
        {
            if (!ScatteredLanes.TryEmit(this, instruction)) TakeTurns(instruction);
        }
        else if (written.Count == 0 && !touchesMemory) Scalar.Emit(instruction);
        else if (written.Count > 0 && !written.Any(IsVector)) Scalar.Emit(instruction);
        else if (instruction.Has(Traits.TakesResult)) LaneExchange.Take(this, instruction);
        else if (touchesMemory && LaneMemory.Emit(this, instruction)) { }
        else if (written.Count > 0 && HasUniformSources(instruction)) Broadcast(instruction, written);
        else if (HasMatchingWidths(instruction) && LaneForms.Find(instruction, Shape) is { } form) form(this, instruction);
        else TakeTurns(instruction);
    }

    public bool IsVector(Register register) => _plan.ClassOf(register).Varying;

    public bool IsSideBySide(Instruction instruction) => _plan.IsSideBySide(instruction);

    public AccessGroup GroupOf(Instruction instruction) => _plan.Kernel.Groups[instruction];

    /// <summary>Pushes where in this process the first lane's place lies, checked for all lanes that run.</summary>
    public void LoadSideBySide(Instruction instruction, AddressOperand place) =>
        Scalar.LoadHostAddresses(_plan.Kernel.Groups[instruction], place, Masked ? Bits : null, Shape.Lanes);

    public LaneClass ClassOf(Operand operand) => _plan.ClassOf(operand);

    /// <summary>Gets the local of a register that varies.</summary>
    public LocalBuilder Vector(Register register, int part)
    {
        if (!_vectors.TryGetValue((register, part), out var local))
            _vectors[(register, part)] = local = Il.DeclareLocal(Shape.Vector(Scalar.RepresentationOf(register).Slot));
        return local;
    }

    /// <summary>Pushes an operand of all lanes, or of half of them where it has 64 bits.</summary>
    public void Load(Instruction instruction, int operand, int part)
    {
        var observed = instruction.Has(Traits.Copies) && !(instruction.Operands[0] is RegisterOperand r && !Scalar.RepresentationOf(r.Register).Exact);
        Load(instruction.Operands[operand], instruction.OperandTypes[operand], part, observed);
    }

    public void LoadObserved(Operand operand, ScalarType type, int part) => Load(operand, type, part, true);

    public void Load(Operand operand, ScalarType type, int part, bool observed)
    {
        if (type == ScalarType.Predicate)
        {
            LoadMask(operand);
            return;
        }

        var element = LaneShape.Element(type.Slot);
        var known = ClassOf(operand);
        if (operand is RegisterOperand { Register: var register } && known.Varying)
        {
            var held = Scalar.RepresentationOf(register);
            Il.Emit(OpCodes.Ldloc, Vector(register, part));
            if (held is { Slot: Slot.F32 or Slot.F64, Exact: false } && (observed || type.Slot != held.Slot)) MakeCanonical(held.Slot);
            Reinterpret(held.Slot, type.Slot);
            if (type.Bits < 32 && (register.Type.Bits != 16 || type.Bits != 16 || type.IsSigned)) Narrow(type);
            return;
        }

        if (known.IsUniform)
        {
            LoadScalar(operand, type, observed);
            Call("Create", element, 1);
            return;
        }

        // The first lane's number, and what each lane has more.
        var wide = type.Slot == Slot.I64;
        LoadScalar(operand, type.Bits < 32 ? ScalarType.U32 : type, observed);
        Call("Create", element, 1);
        if (wide) Il.Emit(OpCodes.Ldc_I8, known.Stride * part * (Shape.Lanes / 2));
        else Il.Emit(OpCodes.Ldc_I4_0);
        if (wide) Il.Emit(OpCodes.Ldc_I8, known.Stride);
        else Il.Emit(OpCodes.Ldc_I4, (int)known.Stride);
        Il.Emit(OpCodes.Call, Shape.Function("CreateSequence", element, 2));
        Call("Add", element, 2);
        if (type.Bits < 32) Narrow(type);
    }

    /// <summary>Pushes a predicate of all lanes.</summary>
    public void LoadMask(Operand operand)
    {
        var inner = operand is NegatedOperand negated ? negated.Inner : operand;
        if (inner is RegisterOperand { Register: var register } && IsVector(register)) Il.Emit(OpCodes.Ldloc, Vector(register, 0));
        else
        {
            if (inner is RegisterOperand) Scalar.LoadPredicate(inner);
            else Scalar.LoadObserved(inner, ScalarType.Predicate);
            Il.Emit(OpCodes.Neg);
            Call("Create", typeof(int), 1);
        }

        if (!ReferenceEquals(inner, operand)) Call("OnesComplement", typeof(int), 1);
    }

    public void StoreMask(Operand operand)
    {
        if (operand is RegisterOperand { Register: var register }) StoreBits(register, Slot.I32, 0);
        else Il.Emit(OpCodes.Pop);
    }

    /// <summary>Pops the result of an instruction, of all lanes or of half of them.</summary>
    public void Store(Instruction instruction, int operand, int part) =>
        Store(instruction.Operands[operand], instruction.OperandTypes[operand], instruction.Has(Traits.Copies), part);

    public void Store(Operand operand, ScalarType type, bool copies, int part)
    {
        if (operand is not RegisterOperand { Register: var register })
        {
            Il.Emit(OpCodes.Pop);
            return;
        }

        var held = Scalar.RepresentationOf(register);
        if (type.IsReal && !copies && held.Exact) MakeCanonical(type.Slot);
        if (type.Bits == 8) Narrow(type);
        if (register.Type.Bits == 16) Narrow(new ScalarType(TypeClass.Unsigned, 16));
        else if (type.Bits == 16) Narrow(type);
        Reinterpret(type.Slot, held.Slot);
        StoreBits(register, held.Slot, part);
    }

    /// <summary>Pops a vector of a register; lanes that rest keep theirs where they still want it.</summary>
    private void StoreBits(Register register, Slot slot, int part)
    {
        var local = Vector(register, part);
        if (Masked && _flow.IsWantedElsewhere(Block, register, _plan.Kernel.Live))
        {
            var fresh = Scalar.Borrow(Shape.Vector(slot));
            Il.Emit(OpCodes.Stloc, fresh);
            LoadActive(slot, part);
            Il.Emit(OpCodes.Ldloc, fresh);
            Il.Emit(OpCodes.Ldloc, local);
            Call("ConditionalSelect", LaneShape.Element(slot), 3);
            Scalar.GiveBack(fresh);
        }

        Il.Emit(OpCodes.Stloc, local);
    }

    /// <summary>Pushes the lanes that run, as a mask of vectors of some element.</summary>
    public void LoadActive(Slot slot, int part)
    {
        Il.Emit(OpCodes.Ldloc, Active);
        WidenMask(slot, part);
    }

    /// <summary>Turns a mask of all lanes into one for vectors of some element.</summary>
    public void WidenMask(Slot slot, int part)
    {
        if (LaneShape.Parts(slot) == 2) Call(part == 0 ? "WidenLower" : "WidenUpper", typeof(int), 1);
        Reinterpret(LaneShape.Parts(slot) == 2 ? Slot.I64 : Slot.I32, slot);
    }

    /// <summary>Calls a function of .NET's vectors.</summary>
    public void Call(string function, Type element, int parameters) => Il.Emit(OpCodes.Call, Shape.Function(function, element, parameters));

    public void Call(string function, Slot slot, int parameters) => Call(function, LaneShape.Element(slot), parameters);

    public void Reinterpret(Slot from, Slot to)
    {
        if (from != to) Reinterpret(LaneShape.Element(from), LaneShape.Element(to));
    }

    public void Reinterpret(Type from, Type to) => Il.Emit(OpCodes.Call, Shape.Reinterpretation(from, to));

    /// <summary>Turns every NaN of the vector on the stack into that of a GPU.</summary>
    public void MakeCanonical(Slot slot)
    {
        var value = Scalar.Borrow(Shape.Vector(slot));
        Il.Emit(OpCodes.Stloc, value);
        Il.Emit(OpCodes.Ldloc, value);
        Il.Emit(OpCodes.Ldloc, value);
        Call("Equals", slot, 2);
        Il.Emit(OpCodes.Ldloc, value);
        LoadCanonicalNaN(slot);
        Call("ConditionalSelect", slot, 3);
        Scalar.GiveBack(value);
    }

    private void LoadCanonicalNaN(Slot slot)
    {
        if (slot == Slot.F32) Il.Emit(OpCodes.Ldc_I4, RealMath.CanonicalNaN32);
        else Il.Emit(OpCodes.Ldc_I8, RealMath.CanonicalNaN64);
        var bits = slot == Slot.F32 ? Slot.I32 : Slot.I64;
        Call("Create", bits, 1);
        Reinterpret(bits, slot);
    }

    /// <summary>Cuts integers of 32 bits to fewer, and extends them again.</summary>
    public void Narrow(ScalarType type)
    {
        if (type.IsSigned)
        {
            Il.Emit(OpCodes.Ldc_I4, 32 - type.Bits);
            Call("ShiftLeft", typeof(int), 2);
            Il.Emit(OpCodes.Ldc_I4, 32 - type.Bits);
            Call("ShiftRightArithmetic", typeof(int), 2);
            return;
        }

        Il.Emit(OpCodes.Ldc_I4, (1 << type.Bits) - 1);
        Call("Create", typeof(int), 1);
        Call("BitwiseAnd", typeof(int), 2);
    }

    private void LoadScalar(Operand operand, ScalarType type, bool observed)
    {
        if (observed) Scalar.LoadObserved(operand, type);
        else Scalar.LoadFree(operand, type);
    }

    private bool HasUniformSources(Instruction instruction) =>
        Enumerable.Range(0, instruction.Operands.Count)
            .Where(i => !instruction.Form!.Shapes[i].Writes)
            .All(i => ClassOf(instruction.Operands[i]).IsUniform)
        && (!instruction.Has(Traits.ReadsCarry) || !IsVector(_plan.Kernel.Carry));

    /// <summary>Says whether each register that varies is as wide as the instruction takes it.</summary>
    private bool HasMatchingWidths(Instruction instruction)
    {
        if (instruction.Has(Traits.ReadsCarry | Traits.WritesCarry)) return false;
        for (var i = 0; i < instruction.Operands.Count; i++)
        {
            if (instruction.Operands[i] is VectorOperand or PairOperand) return false;
            if (instruction.Operands[i] is SpecialOperand && ClassOf(instruction.Operands[i]).Varying) return false;
            if (instruction.Operands[i] is RegisterOperand { Register: var register }
                && LaneShape.Parts(Scalar.RepresentationOf(register).Slot) != LaneShape.Parts(instruction.OperandTypes[i].Slot))
                return false;
        }

        return true;
    }

    /// <summary>Computes once what is the same in all lanes, for registers that hold more than that.</summary>
    private void Broadcast(Instruction instruction, List<Register> written)
    {
        using var substitutes = new Substitutes(Scalar, [.. written.Where(IsVector)]);
        Scalar.Emit(instruction);
        foreach (var register in written.Where(IsVector)) StoreToAll(register);
    }

    private void StoreToAll(Register register)
    {
        var slot = Scalar.RepresentationOf(register).Slot;
        for (var part = 0; part < LaneShape.Parts(slot); part++)
        {
            Il.Emit(OpCodes.Ldloc, Scalar.Local(register));
            if (register.Type == ScalarType.Predicate) Il.Emit(OpCodes.Neg);
            Call("Create", slot, 1);
            StoreBits(register, slot, part);
        }
    }
}
