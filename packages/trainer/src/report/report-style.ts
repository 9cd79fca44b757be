/** Style of a report. Charts take their colours from the series variables, which are legible on light and dark. */
export const reportStyle = `
:root {
  --page: #ffffff; --ink: #1c2024; --quiet: #60646c; --line: #e0e3e8; --panel: #f6f7f9;
  --series-0: #2563c9; --series-1: #c2570c; --series-2: #0f7b5f; --series-3: #8a3ab9; --series-4: #b3203f; --series-5: #6b6f00;
  --heat: 37, 99, 201;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161a; --ink: #e8eaed; --quiet: #9aa0a8; --line: #2c3138; --panel: #1c1f25;
    --series-0: #7aa7f7; --series-1: #f2a15f; --series-2: #54c9a4; --series-3: #cf9bf0; --series-4: #f58aa0; --series-5: #d2d060;
    --heat: 96, 150, 245;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 980px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 18px; margin: 44px 0 12px; padding-top: 20px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 20px 0 6px; }
p { max-width: 70ch; }
p.note { color: var(--quiet); font-size: 14px; margin: 0 0 8px; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 24px; margin-top: 20px; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; color: var(--quiet); font-size: 13px; }
.legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; vertical-align: middle; margin-right: 6px; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--quiet); }
.scroll { overflow-x: auto; }
.scroll + .scroll { margin-top: 24px; }
svg.mark { display: inline-block; width: 120px; height: 12px; vertical-align: middle; margin-right: 8px; }
summary { cursor: pointer; color: var(--quiet); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
caption { text-align: left; color: var(--quiet); padding-bottom: 6px; }
th, td { padding: 6px 14px 6px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; color: var(--quiet); }
th.text, td.text { text-align: left; }
td.text { white-space: normal; overflow-wrap: break-word; min-width: 8ch; max-width: 52ch; }
td small { color: var(--quiet); }
table.matrix th, table.matrix td { padding: 5px 10px; text-align: center; border: 0; }
table.matrix td { border-radius: 3px; }
pre { background: var(--panel); padding: 16px; border-radius: 8px; overflow-x: auto; font-size: 13px; line-height: 1.45; }
img { image-rendering: pixelated; border-radius: 4px; }
`;
