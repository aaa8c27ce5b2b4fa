// Package cognito is Cognito's user pools (endpoint cognito-idp), over AWS's own
// protocol.
//
//	template ─ Apply ─▶ pools, clients, groups, users ◀─ Admin*, SignUp, ...
//	                              │
//	InitiateAuth ─▶ password or SRP ─▶ challenge ─▶ ID, access, refresh token
//	                              │                        ▲ signs
//	                  Lambda triggers              keys of the pool
//	                                                       ▼ publishes
//	        GET /POOL/.well-known/jwks.json, openid-configuration (Documents)
//
// It is not identity pools, nor managed login and its OAuth endpoints, nor
// federation, devices, passkeys and multi-factor authentication: those are
// refused by name, where a call or a pool's own setting asks for them. It
// imports cloud, services/store and services/wire; functions are invoked
// through Config.Invoke.
//
// The rules it obeys:
//
//   - A template is a deployment, as in package ssm: what is declared the same as
//     last time is left alone, whatever a call did to it since; what is declared
//     otherwise takes the new settings; what is no longer declared is deleted.
//     Users that calls made stay as long as their pool does.
//   - A password is never kept. What is kept is its SRP verifier, from which
//     both a password and an SRP proof can be checked:
//     https://datatracker.ietf.org/doc/html/rfc5054#section-2.4. Of a refresh
//     token its hash is kept.
//   - Nothing that AWS would send by e-mail or SMS is sent: it goes to
//     Config.Deliver, which shows it.
//   - A trigger that would run on AWS runs here, or the call that would run it is
//     refused by name.
package cognito
