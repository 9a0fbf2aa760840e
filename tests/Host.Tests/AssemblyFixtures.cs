using Broker.Tests;

[assembly: AssemblyFixture(typeof(EmulatorFixture))]
