// Speaks to a user pool with amazon-cognito-identity-js, the client that does
// SRP. Each line of standard input is a step {"do", ...}; each line of standard
// output is what an application's callback got.
const { CognitoUserPool, CognitoUser, AuthenticationDetails, CognitoUserAttribute } = require('amazon-cognito-identity-js');
const [endpoint, UserPoolId, ClientId] = process.argv.slice(2);
const pool = new CognitoUserPool({ UserPoolId, ClientId, endpoint });
const users = {};
const user = (name) => (users[name] ||= new CognitoUser({ Username: name, Pool: pool }));
const failure = (e) => ({ error: `${e.code || e.name}: ${e.message}` });
const promise = (f) => new Promise((done) => f((e, v) => done(e ? failure(e) : { result: v }), done));
const signedIn = (done) => ({
  onSuccess: (s) => done({ id: s.getIdToken().payload, access: s.getAccessToken().payload, refresh: s.getRefreshToken().getToken(),
    idToken: s.getIdToken().getJwtToken(), accessToken: s.getAccessToken().getJwtToken() }),
  onFailure: (e) => done(failure(e)),
  newPasswordRequired: (attributes, required) => done({ challenge: 'NEW_PASSWORD_REQUIRED', attributes, required }),
});

const steps = {
  signIn: (s) => promise((_, done) => user(s.user).authenticateUser(new AuthenticationDetails({ Username: s.user, Password: s.password }), signedIn(done))),
  newPassword: (s) => promise((_, done) => user(s.user).completeNewPasswordChallenge(s.password, s.attributes || {}, signedIn(done))),
  refresh: (s) => promise((_, done) => user(s.user).getSession((e, session) => (e ? done(failure(e))
    : user(s.user).refreshSession(session.getRefreshToken(), (e, n) => done(e ? failure(e) : { id: n.getIdToken().payload, access: n.getAccessToken().payload }))))),
  attributes: (s) => promise((cb) => user(s.user).getUserAttributes((e, list) => cb(e, list && list.map((a) => [a.getName(), a.getValue()])))),
  changePassword: (s) => promise((cb) => user(s.user).changePassword(s.password, s.next, cb)),
  signUp: (s) => promise((cb) => pool.signUp(s.user, s.password, Object.entries(s.attributes || {}).map(([Name, Value]) => new CognitoUserAttribute({ Name, Value })), null,
    (e, r) => cb(e, r && { confirmed: r.userConfirmed, delivery: r.codeDeliveryDetails }))),
  confirm: (s) => promise((cb) => user(s.user).confirmRegistration(s.code, false, cb)),
  forgot: (s) => promise((_, done) => user(s.user).forgotPassword({ onSuccess: (d) => done({ result: d }), onFailure: (e) => done(failure(e)) })),
  reset: (s) => promise((_, done) => user(s.user).confirmPassword(s.code, s.password, { onSuccess: (r) => done({ result: r }), onFailure: (e) => done(failure(e)) })),
  signOutEverywhere: (s) => promise((_, done) => user(s.user).globalSignOut({ onSuccess: (r) => done({ result: r }), onFailure: (e) => done(failure(e)) })),
};

(async () => {
  for await (const line of require('readline').createInterface({ input: process.stdin })) {
    const s = JSON.parse(line);
    console.log(JSON.stringify(await steps[s.do](s)));
  }
  process.exit(0);
})();
