import type { ConfirmationDialog } from '@slack/types';

/** Shows the element's confirmation, if it has one. Resolves to whether the person goes on. */
export function askFirst(confirm: ConfirmationDialog | undefined): Promise<boolean> {
  if (!confirm) return Promise.resolve(true);
  const dialog = document.createElement('dialog');
  dialog.className = 'modal confirm';
  const heading = document.createElement('h2');
  heading.textContent = confirm.title?.text ?? 'Are you sure?';
  const text = document.createElement('p');
  text.textContent = confirm.text.text;
  const buttons = document.createElement('form');
  buttons.method = 'dialog';
  const no = button(confirm.deny?.text ?? 'Cancel', 'no', 'button button-default');
  const yes = button(confirm.confirm?.text ?? 'Yes', 'yes', `button button-${confirm.style ?? 'primary'}`);
  buttons.append(no, yes);
  dialog.append(heading, text, buttons);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}

function button(text: string, value: string, className: string): HTMLButtonElement {
  const made = document.createElement('button');
  made.textContent = text;
  made.value = value;
  made.className = className;
  return made;
}
