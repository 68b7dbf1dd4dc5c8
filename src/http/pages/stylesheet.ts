/** The one stylesheet of the incident pages; light and dark, from a phone up. */
export const STYLESHEET = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --sev1: #c5221f; --sev2: #d9730d; --sev3: #9a7b00; --sev4: #5f6b7a; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
a { color: LinkText; }
nav { font-size: .9rem; }
ul.list { list-style: none; margin: 0; padding: 0; }
ul.list li { border-top: 1px solid var(--line); padding: .65rem 0; overflow-wrap: anywhere; }
.badge { border-radius: .3rem; color: #fff; display: inline-block; font-size: .8rem; font-weight: 600; margin-right: .35rem; padding: .05rem .45rem; }
.sev1 { background: var(--sev1); } .sev2 { background: var(--sev2); } .sev3 { background: var(--sev3); } .sev4 { background: var(--sev4); }
.state { border: 1px solid var(--line); border-radius: .3rem; font-size: .8rem; margin-right: .35rem; padding: .05rem .45rem; }
.meta { color: GrayText; font-size: .9rem; }
dl { display: grid; gap: .25rem 1rem; grid-template-columns: max-content 1fr; margin: 0; }
dt { color: GrayText; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { border-top: 1px solid var(--line); padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: .3rem; font-size: .8rem; overflow-x: auto; padding: .6rem; }
img.chart { height: auto; max-width: 100%; }
@media (max-width: 39.99rem) { .cards thead { display: none; } .cards tr { border-top: 1px solid var(--line); display: block; padding: .5rem 0; } .cards td { border: 0; display: block; padding: 0; } .cards td:first-child { font-weight: 600; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@media (min-width: 40rem) { th, td:not(:last-child) { white-space: nowrap; } }
.scroll { overflow-x: auto; }
`;
