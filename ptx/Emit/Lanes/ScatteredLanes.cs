using System.Numerics;
using System.Reflection.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits accesses of lanes whose places lie apart: the places are checked all at once, and then touched one by one.</summary>
/// <remarks>Where the check finds a place that it does not know, the lanes take turns, and what they find out is known from then on.</remarks>
internal sealed class ScatteredLanes
{
    // What lanes lay out: their distances, and then the values of each element.
    private const int SlotBytes = 128;

    private readonly LaneEmitter _emitter;
    private readonly Instruction _instruction;
    private readonly AccessGroup _group;
    private readonly IReadOnlyList<Operand> _values;
    private readonly ScalarType _type;

    private ScatteredLanes(LaneEmitter emitter, Instruction instruction)
    {
        (_emitter, _instruction, _group) = (emitter, instruction, emitter.GroupOf(instruction));
        var value = PlaceOfValue(instruction);
        _values = instruction.Operands[value] is VectorOperand vector ? vector.Elements : [instruction.Operands[value]];
        _type = instruction.OperandTypes[value];
    }

    private bool IsLoad => _instruction.Opcode is "ld" or "ldu";

    private ILGenerator Il => _emitter.Il;

    private ScalarEmitter Scalar => _emitter.Scalar;

    /// <returns>False where only turns will do.</returns>
    public static bool TryEmit(LaneEmitter emitter, Instruction instruction)
    {
        if (!IsPossible(emitter, instruction)) return false;
        new ScatteredLanes(emitter, instruction).Emit();
        return true;
    }

    private static bool IsPossible(LaneEmitter emitter, Instruction instruction)
    {
        if (instruction.Opcode is not ("ld" or "ldu" or "st") && CombinationOf(instruction) is null) return false;
        var access = MemoryAccess.Of(instruction);
        var group = emitter.GroupOf(instruction);
        if (access.Elements > 4 || group.Space == StateSpace.Local || group.Sites.Count != 1) return false;
        if (group.Base is not RegisterOperand { Register: { Type.Bits: 32 or 64 } address } || (address.Type.Bits == 32 && group.Space != StateSpace.Shared)) return false;
        var values = instruction.Operands[PlaceOfValue(instruction)];
        var type = instruction.OperandTypes[PlaceOfValue(instruction)];
        return (values is VectorOperand vector ? vector.Elements : [values]).All(v =>
            v is not RegisterOperand { Register: var register } || LaneShape.Parts(emitter.Scalar.RepresentationOf(register).Slot) == LaneShape.Parts(type.Slot));
    }

    private static int PlaceOfValue(Instruction instruction) => instruction.Opcode switch
    {
        "ld" or "ldu" => 0,
        "atom" => 2,
        _ => 1,
    };

    /// <summary>Gives what a reduction in shared memory does, where no other block has to be kept away. Nobody reads what an atom gives here.</summary>
    private static OpCode? CombinationOf(Instruction instruction)
    {
        if (instruction.Opcode is not ("red" or "atom") || MemoryAccess.SpaceOf(instruction) != StateSpace.Shared || instruction.Type.IsReal || instruction.Type.Bits < 32 || instruction.Has("noftz")) return null;
        return instruction.Has("add") ? OpCodes.Add
            : instruction.Has("and") ? OpCodes.And
            : instruction.Has("or") ? OpCodes.Or
            : instruction.Has("xor") ? (OpCode?)OpCodes.Xor
            : null;
    }

    /// <summary>Gets whether the processor fetches from places apart by one instruction. An audit notes each place by itself.</summary>
    private bool Gathers => IsLoad && _type.Bits >= 32 && LaneGather.IsSupported && _emitter.Marks is null && !MemoryEmission.IsVolatile(_instruction);

    private void Emit()
    {
        var (turns, done) = (Il.DefineLabel(), Il.DefineLabel());
        LocalBuilder[] distances = [Scalar.Borrow(_emitter.Shape.Vector(Slot.I64)), Scalar.Borrow(_emitter.Shape.Vector(Slot.I64))];
        Check(distances, turns);
        if (Gathers)
            for (var i = 0; i < _values.Count; i++)
                Gather(distances, i);
        else
            TouchEach(distances);
        Il.Emit(OpCodes.Br, done);
        Il.MarkLabel(turns);
        _emitter.TakeTurns(_instruction);
        Il.MarkLabel(done);
        Scalar.GiveBack(distances);
    }

    private void TouchEach(LocalBuilder[] distances)
    {
        for (var part = 0; part < distances.Length; part++)
        {
            Il.Emit(OpCodes.Ldloc, distances[part]);
            _emitter.LoadScratch(part * _emitter.Shape.VectorBytes);
            Il.Emit(OpCodes.Call, _emitter.Shape.Store(typeof(long)));
        }

        if (!IsLoad)
            for (var i = 0; i < _values.Count; i++)
                if (!_emitter.ClassOf(_values[i]).IsUniform)
                    LayOut(i);
        if (_emitter.Masked || _emitter.Marks is not null) _emitter.ForEachLane(() => Touch(null));
        else for (var lane = 0; lane < _emitter.Shape.Lanes; lane++) Touch(lane);
        if (IsLoad) for (var i = 0; i < _values.Count; i++) PickUp(i);
    }

    private void Gather(LocalBuilder[] distances, int value)
    {
        if (_values[value] is not RegisterOperand) return;
        var place = Scalar.Borrow(typeof(nint));
        Scalar.LoadHost(_group);
        Il.Emit(OpCodes.Ldc_I4, value * _type.Bytes);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Stloc, place);
        for (var part = 0; part < LaneShape.Parts(_type.Slot); part++)
        {
            LaneGather.Load(_emitter, place, distances, _type, part);
            _emitter.Store(_values[value], _type, copies: true, part);
        }

        Scalar.GiveBack(place);
    }

    /// <summary>Finds how far behind the start of the memory each lane's place is, and leaves where one is not known to be good.</summary>
    private void Check(LocalBuilder[] distances, System.Reflection.Emit.Label turns)
    {
        var shift = BitOperations.Log2((uint)_group.AccessBytes);
        var register = ((RegisterOperand)_group.Base).Register;
        for (var part = 0; part < distances.Length; part++)
        {
            LoadAddresses(register, part);
            Scalar.LoadStart(_group);
            _emitter.Call("Create", typeof(long), 1);
            _emitter.Call("Subtract", typeof(long), 2);
            Il.Emit(OpCodes.Stloc, distances[part]);
            LoadRotated(distances[part], shift);
            _emitter.Reinterpret(typeof(long), typeof(ulong));
            Scalar.LoadLimit(_group, shift);
            _emitter.Call("Create", typeof(ulong), 1);
            _emitter.Call("LessThan", typeof(ulong), 2);
            _emitter.Call("ExtractMostSignificantBits", typeof(ulong), 1);
            Il.Emit(OpCodes.Conv_I4);
            if (part == 0) continue;
            Il.Emit(OpCodes.Ldc_I4, _emitter.Shape.Lanes / 2);
            Il.Emit(OpCodes.Shl);
            Il.Emit(OpCodes.Or);
        }

        // Every lane that runs has to be good.
        Il.Emit(OpCodes.Not);
        _emitter.LoadBits();
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Brtrue, turns);
    }

    private void LoadAddresses(Register register, int part)
    {
        if (register.Type.Bits == 64)
        {
            _emitter.LoadObserved(_group.Base, ScalarType.U64, part);
            Il.Emit(OpCodes.Ldc_I8, _group.First);
            _emitter.Call("Create", typeof(long), 1);
            _emitter.Call("Add", typeof(long), 2);
            return;
        }

        // Addresses of 32 bits wrap before they are widened.
        _emitter.LoadObserved(_group.Base, ScalarType.U32, 0);
        Il.Emit(OpCodes.Ldc_I4, (int)_group.First);
        _emitter.Call("Create", typeof(int), 1);
        _emitter.Call("Add", typeof(int), 2);
        IntegerLanes.Widen(_emitter, signed: false, part);
    }

    /// <summary>Rotates the low bits of a misaligned place to the top, so that one comparison finds it out of bounds.</summary>
    private void LoadRotated(LocalBuilder distance, int shift)
    {
        Il.Emit(OpCodes.Ldloc, distance);
        if (shift == 0) return;
        Il.Emit(OpCodes.Ldc_I4, shift);
        _emitter.Call("ShiftRightLogical", typeof(long), 2);
        Il.Emit(OpCodes.Ldloc, distance);
        Il.Emit(OpCodes.Ldc_I4, 64 - shift);
        _emitter.Call("ShiftLeft", typeof(long), 2);
        _emitter.Call("BitwiseOr", typeof(long), 2);
    }

    private void LayOut(int value)
    {
        for (var part = 0; part < LaneShape.Parts(_type.Slot); part++)
        {
            _emitter.LoadObserved(_values[value], _type, part);
            _emitter.LoadScratch(SlotOf(value) + part * _emitter.Shape.VectorBytes);
            Il.Emit(OpCodes.Call, _emitter.Shape.Store(LaneShape.Element(_type.Slot)));
        }
    }

    private void PickUp(int value)
    {
        for (var part = 0; part < LaneShape.Parts(_type.Slot); part++)
        {
            if (_values[value] is not RegisterOperand) return;
            _emitter.LoadScratch(SlotOf(value) + part * _emitter.Shape.VectorBytes);
            Il.Emit(OpCodes.Call, _emitter.Shape.Load(LaneShape.Element(_type.Slot)));
            _emitter.Store(_values[value], _type, copies: true, part);
        }
    }

    /// <summary>Emits the access of one lane: of a given one, or of that which has its turn.</summary>
    private void Touch(int? lane)
    {
        var place = Scalar.Borrow(typeof(nint));
        Scalar.LoadHost(_group);
        LoadSlot(0, lane, sizeof(long));
        Il.Emit(OpCodes.Ldind_I8);
        Il.Emit(OpCodes.Conv_I);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Stloc, place);
        _emitter.Marks?.MarkAccess(Scalar, _instruction, place);
        for (var i = 0; i < _values.Count; i++)
        {
            if (IsLoad)
            {
                LoadSlot(SlotOf(i), lane, SplitAtBarriers.Bytes(_type.Slot));
                MemoryEmission.LoadElement(Il, place, i * _type.Bytes);
                MemoryEmission.LoadIndirect(Il, _instruction, _type);
                Il.Emit(ThreadFrame.StoreOf(_type.Slot));
                continue;
            }

            MemoryEmission.LoadElement(Il, place, i * _type.Bytes);
            if (CombinationOf(_instruction) is { } combination)
            {
                Il.Emit(OpCodes.Dup);
                Il.Emit(ThreadFrame.LoadOf(_type.Slot));
                LoadValue(i, lane);
                Il.Emit(combination);
            }
            else
                LoadValue(i, lane);
            MemoryEmission.StoreIndirect(Il, _instruction, _type);
        }

        Scalar.GiveBack(place);
    }

    private void LoadValue(int value, int? lane)
    {
        if (_emitter.ClassOf(_values[value]).IsUniform)
        {
            Scalar.LoadObserved(_values[value], _type);
            return;
        }

        LoadSlot(SlotOf(value), lane, SplitAtBarriers.Bytes(_type.Slot));
        Il.Emit(ThreadFrame.LoadOf(_type.Slot));
    }

    private void LoadSlot(int slot, int? lane, int bytes)
    {
        _emitter.LoadScratch(slot + (lane ?? 0) * bytes);
        if (lane is not null) return;
        Il.Emit(OpCodes.Ldloc, _emitter.Lane);
        Il.Emit(OpCodes.Conv_I);
        Il.Emit(OpCodes.Ldc_I4, bytes);
        Il.Emit(OpCodes.Mul);
        Il.Emit(OpCodes.Add);
    }

    private static int SlotOf(int value) => (1 + value) * SlotBytes;
}
