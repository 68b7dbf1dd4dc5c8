import { useId, useLayoutEffect, useRef, useState } from 'react';
import { api } from './api.ts';
import { Blocks } from './blocks/Blocks.tsx';
import { BlockHostProvider } from './blocks/host.ts';
import { Icon } from './Icon.tsx';
import type { View } from './shapes.ts';
import { attempt, usePage } from './store.ts';
import { useViewHost } from './viewHost.ts';

/** The top modal of the person the reader acts as. */
export function ModalStack() {
  const modals = usePage((state) => state.personal.modals);
  const top = modals.at(-1);
  return top ? <Modal key={top.id} view={top} /> : null;
}

function Modal({ view }: { view: View }) {
  const me = usePage((state) => state.me);
  const { host, collected } = useViewHost(view, me);
  const [busy, setBusy] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();

  // Closed before it leaves the page, so that the focus goes back to what opened it.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const close = () => attempt(api.closeView(me));
  const submit = async () => {
    setBusy(true);
    try {
      await api.submit({ user: me, view: view.id, blocks: collected() });
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog
      className="modal"
      ref={dialog}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          attempt(submit());
        }}
      >
        <header className="bar">
          <h2 id={title}>{view.title.text}</h2>
          <button type="button" className="icon" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <div className="modal-body">
          <BlockHostProvider value={host}>
            {/* The hash changes with every update, and with it what inputs begin with. */}
            <Blocks key={view.hash} blocks={view.blocks} />
          </BlockHostProvider>
          {view.errors?.[''] && (
            <p className="input-error" role="alert">
              {view.errors['']}
            </p>
          )}
        </div>
        <footer className="modal-foot">
          <button type="button" className="button button-default" onClick={close}>
            {view.close?.text ?? 'Cancel'}
          </button>
          {view.submit && (
            <button type="submit" className="button button-primary" aria-busy={busy} disabled={busy}>
              {view.submit.text}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}
