using System.Buffers.Binary;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Knows what a launch fixes: its numbers, and the unknowns that stand for the place of a thread.</summary>
internal sealed class LaunchValues(KernelPlan plan, KernelLaunch launch)
{
    private readonly List<Unknown> _unknowns = [];
    private readonly Dictionary<string, Unknown> _indices = [];

    public KernelLaunch Launch => launch;

    public Unknown[] BlockIndex => [Index("%ctaid.x"), Index("%ctaid.y"), Index("%ctaid.z")];

    public Unknown New(string name, long low, long high)
    {
        var unknown = new Unknown(_unknowns.Count, name, low, high);
        _unknowns.Add(unknown);
        return unknown;
    }

    /// <summary>Gives the form of a special register, or null where it has none.</summary>
    public AffineForm? Special(string name) => name switch
    {
        "%ntid.x" => AffineForm.Of(launch.Block.X),
        "%ntid.y" => AffineForm.Of(launch.Block.Y),
        "%ntid.z" => AffineForm.Of(launch.Block.Z),
        "%nctaid.x" => AffineForm.Of(launch.Grid.X),
        "%nctaid.y" => AffineForm.Of(launch.Grid.Y),
        "%nctaid.z" => AffineForm.Of(launch.Grid.Z),
        _ when Extent(name) > 0 => AffineForm.Of(Index(name)),
        _ => null,
    };

    /// <summary>Gives the number that stands at a place of the parameters.</summary>
    public AffineForm? Parameter(Variable variable, long offset, ScalarType type)
    {
        if (!plan.Memory.Places.TryGetValue(variable, out var place) || place.Space != StateSpace.Parameter || type.IsReal) return null;
        var bytes = launch.Parameters.Span.Slice((int)(place.Offset + offset), type.Bytes);
        return AffineForm.Of(type.Bytes switch
        {
            1 => type.IsSigned ? (sbyte)bytes[0] : bytes[0],
            2 => BinaryPrimitives.ReadInt16LittleEndian(bytes) & (type.IsSigned ? -1 : 0xffff),
            4 => type.IsSigned ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        });
    }

    private Unknown Index(string name)
    {
        if (!_indices.TryGetValue(name, out var index)) _indices[name] = index = New(name, 0, Extent(name) - 1);
        return index;
    }

    private long Extent(string name) => name switch
    {
        "%tid.x" => launch.Block.X,
        "%tid.y" => launch.Block.Y,
        "%tid.z" => launch.Block.Z,
        "%ctaid.x" => launch.Grid.X,
        "%ctaid.y" => launch.Grid.Y,
        "%ctaid.z" => launch.Grid.Z,
        _ => 0,
    };
}
