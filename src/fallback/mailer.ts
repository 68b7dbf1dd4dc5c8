/** The mail library, imported when the first mail is sent. */
export { createTransport } from 'nodemailer';
