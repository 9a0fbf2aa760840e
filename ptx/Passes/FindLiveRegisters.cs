using System.Collections;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is the registers that may still be read at the start of each block.</summary>
internal sealed class LiveRegisters(IReadOnlyList<Register> crossing, IReadOnlyDictionary<Register, int> indexes, IReadOnlyList<BitArray> live)
{
    private readonly Dictionary<BasicBlock, IReadOnlySet<Register>> _sets = [];

    public IReadOnlySet<Register> this[BasicBlock block]
    {
        get
        {
            lock (_sets)
            {
                if (!_sets.TryGetValue(block, out var set)) _sets[block] = set = crossing.Where(r => IsLive(block, r)).ToHashSet();
                return set;
            }
        }
    }

    public bool IsLive(BasicBlock block, Register register) => indexes.TryGetValue(register, out var index) && live[block.Index][index];
}

/// <summary>Finds the registers that may still be read at the start of each block.</summary>
internal static class FindLiveRegisters
{
    // Of three tables of bits that a hostile kernel could make as large as it likes.
    private const long MaxBits = 1L << 29;

    public static LiveRegisters Run(IReadOnlyList<BasicBlock> blocks, Register carry)
    {
        var reads = blocks.Select(b => ReadFirst(b, carry)).ToList();
        // Registers that no block reads before it writes them live in one block alone and need no bits.
        var crossing = reads.SelectMany(r => r).Distinct().ToList();
        if ((long)crossing.Count * blocks.Count > MaxBits)
            throw new PtxException(new PtxError(PtxErrorKind.NotSupported, blocks[0].Line, 1, "a kernel with so many branches and registers"));
        var indexes = crossing.Select((register, index) => (register, index)).ToDictionary(p => p.register, p => p.index);
        var gen = reads.Select(r => Bits(r, indexes)).ToList();
        var kill = blocks.Select(b => Bits(b.Instructions.SelectMany(i => Registers.WrittenBy(i, carry)), indexes)).ToList();
        var live = gen.Select(g => new BitArray(g)).ToList();
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = blocks.Count - 1; i >= 0; i--)
            {
                var entering = new BitArray(indexes.Count);
                foreach (var successor in blocks[i].End.Successors) entering.Or(live[successor.Index]);
                entering.And(new BitArray(kill[i]).Not()).Or(gen[i]);
                changed |= !Same(entering, live[i]);
                live[i] = entering;
            }
        }

        return new LiveRegisters(crossing, indexes, live);
    }

    private static HashSet<Register> ReadFirst(BasicBlock block, Register carry)
    {
        var read = new HashSet<Register>();
        var written = new HashSet<Register>();
        foreach (var instruction in block.Instructions)
        {
            read.UnionWith(Registers.ReadBy(instruction, carry).Where(r => !written.Contains(r)));
            written.UnionWith(Registers.WrittenBy(instruction, carry));
        }

        read.UnionWith(Registers.ReadBy(block.End).Where(r => !written.Contains(r)));
        return read;
    }

    private static BitArray Bits(IEnumerable<Register> registers, Dictionary<Register, int> indexes)
    {
        var bits = new BitArray(indexes.Count);
        foreach (var register in registers)
            if (indexes.TryGetValue(register, out var index))
                bits[index] = true;
        return bits;
    }

    private static bool Same(BitArray a, BitArray b) => !new BitArray(a).Xor(b).HasAnySet();
}
