// npm's smtp-server: STARTTLS with a certificate of the test's own, PLAIN, LOGIN and XOAUTH2.
import { SMTPServer } from 'smtp-server';

/// Longer than a line of SMTP may be.
export const token = 'a-token-that-is-rather-long-'.repeat(40);

/// A server that takes mails; `refuse(address)` gives an error for a recipient, `refuseAtEnd(open)` (perhaps later) one for a
/// mail that has come whole, told the set of open connections.
export async function listen(certificate, options = {}) {
  const mails = [];
  const sessions = new Set();
  const open = new Set();
  const server = new SMTPServer({
    key: certificate.key,
    cert: certificate.cert,
    authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'],
    onAuth(auth, session, done) {
      const known = auth.method === 'XOAUTH2' ? auth.accessToken === token : auth.password === 'correct horse';
      return known && auth.username === 'chaser' ? done(null, { user: auth.method }) : done(new Error('who are you?'));
    },
    onConnect(session, done) {
      open.add(session.id);
      done();
    },
    onClose: (session) => open.delete(session.id),
    onRcptTo(address, session, done) {
      sessions.add(session.id);
      const refused = options.refuse?.(address.address);
      return refused ? done(Object.assign(new Error(refused.words), { responseCode: refused.code })) : done();
    },
    onData(stream, session, done) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', async () => {
        const refused = await options.refuseAtEnd?.(open);
        if (refused) return done(Object.assign(new Error(refused.words), { responseCode: refused.code }));
        mails.push({ raw: Buffer.concat(chunks), to: session.envelope.rcptTo.map((each) => each.address),
          from: session.envelope.mailFrom.address, secure: session.secure, user: session.user });
        return done();
      });
    },
    ...options.server,
  });
  server.on('error', () => {});
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { mails, sessions, port: server.server.address().port, close: () => new Promise((done) => server.close(done)) };
}
