using System.Collections.Immutable;
using Broker.Core.Ids;

namespace Broker.Core.Api;

/// <summary>What an account may do.</summary>
public enum Role { Submitter, Provider, Operator, Worker, Verifier }

/// <summary>Asks for a new account.</summary>
public sealed record NewAccount(string Name, ImmutableArray<Role> Roles);

/// <summary>A new account with its key, which is shown this once.</summary>
public sealed record AccountCreated(AccountId Id, string Name, ImmutableArray<Role> Roles, string Key);

/// <summary>An account as its owner sees it.</summary>
public sealed record AccountView(AccountId Id, string Name, ImmutableArray<Role> Roles);
