/** The style and the one script of a report in a file. */

export const STYLE = `
:root{--paper:#fff;--panel:#f4f6f8;--ink:#1b1f24;--faint:#545b66;--line:#c9d0d8;--accent:#0b5a9d;color-scheme:light}
:root[data-theme=dark]{--paper:#14171c;--panel:#1d2128;--ink:#e8eaed;--faint:#aab2bd;--line:#3a414c;--accent:#7cb8ec;color-scheme:dark}
*{box-sizing:border-box}
body{max-width:62rem;margin:0 auto;padding:1.5rem;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
h1{margin:0 0 .3rem;font-size:1.5rem;overflow-wrap:anywhere}
h2{margin:2.2rem 0 .6rem;padding-bottom:.2rem;border-bottom:2px solid var(--line);font-size:1.2rem}
h3{margin:1.3rem 0 .3rem;font-size:.98rem;overflow-wrap:anywhere}
a{color:var(--accent)}
nav a{margin-right:1rem}
p{margin:.3rem 0}
.note,figcaption{color:var(--faint);font-size:.87rem;overflow-wrap:anywhere}
.figures{display:flex;flex-wrap:wrap;gap:.4rem;margin:1rem 0}
.figures div{padding:.35rem .7rem;border:1px solid var(--line);border-radius:6px;background:var(--panel)}
.figures dt{color:var(--faint);font-size:.8rem}
.figures dd{margin:0;font-size:1.1rem;font-weight:600}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums}
th,td{padding:.15rem 1rem .15rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{color:var(--faint);font-weight:500}
.right{text-align:right;white-space:nowrap}
figure{margin:.8rem 0;break-inside:avoid}
figure svg{max-width:100%;height:auto;color:var(--ink)}
button{padding:.1rem .5rem;border:1px solid var(--line);border-radius:4px;background:var(--panel);color:var(--ink);font:inherit;font-size:.8rem}
.tools{float:right}
@media print{:root,:root[data-theme=dark]{--paper:#fff;--panel:#fff;--ink:#000;--faint:#333;--line:#999}button,nav,.tools{display:none}body{max-width:none;padding:0;font-size:11px}section{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}}
`;

/** Theme, and a CSV of each table: no more than a file that was mailed may do. */
export const SCRIPT = `
document.querySelector('[data-do=theme]').addEventListener('click',()=>{const r=document.documentElement;r.dataset.theme=r.dataset.theme==='dark'?'light':'dark'});
for(const b of document.querySelectorAll('[data-csv]'))b.addEventListener('click',()=>{const rows=[...b.closest('section').querySelectorAll('tr')].map(r=>[...r.cells].map(c=>{const t=c.dataset.value??c.textContent;return /[",\\n]/.test(t)?'"'+t.replaceAll('"','""')+'"':t}).join(','));const a=document.createElement('a');a.href=URL.createObjectURL(new Blob([rows.join('\\r\\n')+'\\r\\n'],{type:'text/csv'}));a.download=b.dataset.csv+'.csv';a.click();setTimeout(()=>URL.revokeObjectURL(a.href),9999)});
`;
