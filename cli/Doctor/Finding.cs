namespace Broker.Cli.Doctor;

/// <summary>What a check found.</summary>
/// <param name="Name">What was looked for.</param>
/// <param name="State">How it stands.</param>
/// <param name="Needed">Whether something that this user does cannot be done without it.</param>
/// <param name="Text">What there is; where something lacks, what to do about it.</param>
internal sealed record Finding(string Name, FindingState State, bool Needed, string Text)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsBroken => Needed && State is FindingState.Missing or FindingState.Wrong;

    /// <summary>Turns a check that throws where something lacks into a finding.</summary>
    public static async Task<Finding> OfAsync(string name, bool needed, Func<Task<string>> require)
    {
        try
        {
            return new Finding(name, FindingState.Ok, needed, await require());
        }
        catch (CommandException e)
        {
            return new Finding(name, FindingState.Missing, needed, e.Message);
        }
    }
}

/// <summary>How a thing stands: it is there, it is not, it is there and does not do, or it could not be seen.</summary>
internal enum FindingState { Ok, Missing, Wrong, Unknown }
