using Broker.Core.Api;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Which roles may call a route.</summary>
/// <param name="Roles">Any one of them suffices; none means any key.</param>
public sealed record RouteAccess(IReadOnlyList<Role> Roles);

/// <summary>Lets a route be called with the right key only.</summary>
internal static class Access
{
    /// <summary>Requires a key of one of these roles; of any role where none is named.</summary>
    public static RouteHandlerBuilder Require(this RouteHandlerBuilder route, params Role[] roles) => route
        .WithMetadata(new RouteAccess(roles))
        .AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var authenticator = http.RequestServices.GetRequiredService<Authenticator>();
            if (await authenticator.FindAsync(http.Request, http.RequestAborted) is not { } principal) return Problems.Unauthorized();
            if (roles.Length > 0 && !roles.Any(principal.Is)) return Problems.Forbidden(roles);
            if (QueryParameters.Check(http) is { } refusal) return refusal;
            http.Features.Set(principal);
            return await next(context);
        });

    /// <summary>Whom the request speaks for. Only behind <see cref="Require"/>.</summary>
    public static Principal Principal(this HttpContext http) =>
        http.Features.Get<Principal>() ?? throw new InvalidOperationException("the route requires no key");
}
