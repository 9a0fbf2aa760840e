using System.Numerics;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Expansions;

/// <summary>Puts loads and stores of whole matrices in terms of each lane's own (PTX ISA 9.7.14.4.3 and 9.7.14.4.4).</summary>
/// <param name="Lines">How many lines of the matrix lie apart by the stride: rows, or columns where they come first in memory.</param>
/// <param name="Length">The elements of a line.</param>
/// <param name="IsAcross">Whether the lanes hold the matrix line by line and memory the other way round.</param>
/// <remarks>Which elements a lane has, <see cref="FragmentShape"/> says. Each lane takes its own alone, so nobody has to wait.</remarks>
internal sealed record FragmentTransfer(int Lines, int Length, int ElementBits, bool IsAcross)
{
    public const string Spaces = "{global|shared|shared::cta}";

    private const int MostBytes = 16;

    public string RegisterType => ElementBits == 64 ? "b64" : "b32";

    /// <summary>Gets how many registers of a lane hold the matrix once.</summary>
    public int Registers => ElementBits == 64 ? Run : Run * ElementBits / 32;

    private int Run => Lines * Length / WarpLanes.Count;

    private ScalarType Element => new(TypeClass.Bits, ElementBits);

    private ScalarType Word => ElementBits == 64 ? ScalarType.B64 : ScalarType.B32;

    public void Load(Expansion expansion, Instruction instruction)
    {
        IReadOnlyList<Operand> given = instruction.Operands[0] is VectorOperand vector ? vector.Elements : [instruction.Operands[0]];
        var place = PlaceOf(expansion, (AddressOperand)instruction.Operands[1], instruction.Operands.Count > 2 ? instruction.Operands[2] : null);
        Transfer(expansion, $"ld{SpaceOf(instruction, instruction.Operands[1])}", place, [.. given.Take(Registers)], isLoad: true);
        for (var copy = Registers; copy < given.Count; copy++) expansion.Add($"mov.{RegisterType}", given[copy], given[copy % Registers]);
    }

    public void Store(Expansion expansion, Instruction instruction)
    {
        IReadOnlyList<Operand> taken = instruction.Operands[1] is VectorOperand vector ? vector.Elements : [instruction.Operands[1]];
        var place = PlaceOf(expansion, (AddressOperand)instruction.Operands[0], instruction.Operands.Count > 2 ? instruction.Operands[2] : null);
        Transfer(expansion, $"st{SpaceOf(instruction, instruction.Operands[0])}", place, taken, isLoad: false);
    }

    // A variable's address is one of its own space.
    private static string SpaceOf(Instruction instruction, Operand place) => (MemoryAccess.SpaceOf(instruction), place) switch
    {
        (StateSpace.Global, _) or (_, AddressOperand { Base: SymbolOperand { Variable.Space: StateSpace.Global } }) => ".global",
        (StateSpace.Shared, _) or (_, AddressOperand { Base: SymbolOperand { Variable.Space: StateSpace.Shared } }) => ".shared",
        (_, AddressOperand { Base: SymbolOperand { Variable.Space: StateSpace.Local } }) => ".local",
        (_, AddressOperand { Base: SymbolOperand { Variable.Space: StateSpace.Constant } }) => ".const",
        _ => "",
    };

    private void Transfer(Expansion expansion, string name, (RegisterOperand Address, RegisterOperand Step) place, IReadOnlyList<Operand> registers, bool isLoad)
    {
        if (IsAcross)
        {
            TransferAcross(expansion, name, place, registers, isLoad);
            return;
        }

        var perAccess = Math.Min(registers.Count, MostBytes / Word.Bytes);
        for (var first = 0; first < registers.Count; first += perAccess)
        {
            Operand data = perAccess == 1 ? registers[first] : new VectorOperand([.. registers.Skip(first).Take(perAccess)]);
            Access(expansion, perAccess == 1 ? $"{name}.{RegisterType}" : $"{name}.v{perAccess}.{RegisterType}", new AddressOperand(place.Address, first * Word.Bytes), data, isLoad);
        }
    }

    private void TransferAcross(Expansion expansion, string name, (RegisterOperand Address, RegisterOperand Step) place, IReadOnlyList<Operand> registers, bool isLoad)
    {
        foreach (var register in registers)
        {
            var parts = ElementBits == 16 ? (VectorOperand)Expansion.Registers(2, Element) : new VectorOperand([register]);
            if (ElementBits == 16 && !isLoad) expansion.Add("mov.b32", parts, register);
            foreach (var part in parts.Elements)
            {
                Access(expansion, $"{name}.{Element}", new AddressOperand(place.Address, 0), part, isLoad);
                expansion.Add($"add.u{place.Address.Register.Type.Bits}", place.Address, place.Address, place.Step);
            }

            if (ElementBits == 16 && isLoad) expansion.Add("mov.b32", register, parts);
        }
    }

    private static void Access(Expansion expansion, string name, AddressOperand place, Operand data, bool isLoad)
    {
        if (isLoad) expansion.Add(name, data, place);
        else expansion.Add(name, place, data);
    }

    /// <summary>Gives where a lane's run begins, and how far its elements lie apart where they do.</summary>
    private (RegisterOperand Address, RegisterOperand Step) PlaceOf(Expansion expansion, AddressOperand place, Operand? stride)
    {
        // Where memory has columns first, a lane's line is a row, and what is one line there is one element here.
        var line = IsAcross ? Lines : Length;
        stride ??= Expansion.Number(line);
        var runsOfLine = Length / Run;
        var (lane, number, first) = (expansion.Lane(), Expansion.Register(ScalarType.U32), Expansion.Register(ScalarType.U32));
        expansion.Add("shr.u32", number, lane, Expansion.Number(BitOperations.Log2((uint)runsOfLine)));
        expansion.Add("and.b32", first, lane, Expansion.Number(runsOfLine - 1));
        expansion.Add("mul.lo.u32", first, first, Expansion.Number(Run));
        var (apart, near) = IsAcross ? (first, number) : (number, first);
        var (distance, more, step) = (Expansion.Register(ScalarType.U64), Expansion.Register(ScalarType.U64), Expansion.Register(ScalarType.U64));
        expansion.Add("mul.wide.u32", distance, apart, stride);
        expansion.Add("cvt.u64.u32", more, near);
        expansion.Add("add.u64", distance, distance, more);
        expansion.Add("mul.wide.u32", step, stride, Expansion.Number(1));
        var address = expansion.AddressOf(place);
        return (Sum(expansion, address, InBytes(expansion, distance)), Narrowed(expansion, InBytes(expansion, step), address));
    }

    private RegisterOperand InBytes(Expansion expansion, RegisterOperand elements)
    {
        if (ElementBits < 8) expansion.Add("shr.u64", elements, elements, Expansion.Number(BitOperations.Log2((uint)(8 / ElementBits))));
        else expansion.Add("shl.b64", elements, elements, Expansion.Number(BitOperations.Log2((uint)Element.Bytes)));
        return elements;
    }

    private static RegisterOperand Sum(Expansion expansion, RegisterOperand address, RegisterOperand distance)
    {
        expansion.Add($"add.u{address.Register.Type.Bits}", address, address, Narrowed(expansion, distance, address));
        return address;
    }

    private static RegisterOperand Narrowed(Expansion expansion, RegisterOperand distance, RegisterOperand address)
    {
        if (address.Register.Type.Bits == 64) return distance;
        var narrow = Expansion.Register(ScalarType.U32);
        expansion.Add("cvt.u32.u64", narrow, distance);
        return narrow;
    }
}
