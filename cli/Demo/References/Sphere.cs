using System.Numerics;

namespace Broker.Cli.Demo.References;

/// <summary>A sphere of the scene: where it is, and what it is made of.</summary>
/// <remarks>Reflectivity is what it mirrors head-on: near 0 for varnish, near 1 for polished metal.</remarks>
public readonly record struct Sphere(Vector3 Centre, float Radius, Vector3 Colour, float Reflectivity);
