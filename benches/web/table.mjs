// What was measured, as tables, and what it comes to.

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const short = (value) => value.toPrecision(value < 10 ? 2 : 3).replace(/e\+\d+$/, (e) => (e ? e : ''));
const plain = (value) => (value >= 100 ? Math.round(value).toString() : short(value));

/** The ratios of the CPU time of two, round by round. */
function ratios(figures, who, to) {
  return figures[who].map((it, round) => it.cpu / figures[to][round].cpu);
}

/** A median with the least and the most. */
function spread(values) {
  return `${plain(median(values))} (${plain(Math.min(...values))}-${plain(Math.max(...values))})`;
}

/** The figures of one query, over so many connections. */
export function table(name, bytes, connections, figures) {
  const lines = [
    `**${name}**, ${bytes} bytes, ${connections === 1 ? '1 connection' : `${connections} connections`}`,
    '',
    '| | CPU, us | to raw axum | p50, us | p99, us | requests/s |',
    '|---|---|---|---|---|---|',
  ];
  for (const [who, rounds] of Object.entries(figures)) {
    const middle = (what) => plain(median(rounds.map((it) => it[what])));
    const to = spread(ratios(figures, who, 'raw axum'));
    lines.push(`| ${who} | ${middle('cpu')} | ${to} | ${middle('p50')} | ${middle('p99')} | ${middle('rate')} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** The figures that there are aims for, and what the steps of a request take. */
export function conclude(measured, steps) {
  const lines = ['| | connections | ratio of CPU time | aim |', '|---|---|---|---|'];
  const aims = [
    ['carnet, executed anew', 'raw axum', ['hello', 'list', 'nested'], 'at most 2.5'],
    ['carnet, asked again', 'raw axum', ['hello', 'list', 'nested'], 'at most 1.3'],
    ['carnet, executed anew', 'Mercurius, from memory', ['hello', 'list', 'nested'], 'below 1'],
    ['PostGraphile and PostgreSQL', 'carnet, nothing kept', ['list', 'nested'], 'at least 5'],
    ['PostGraphile and PostgreSQL', 'carnet, executed anew', ['list', 'nested'], ''],
  ];
  for (const [who, to, names, aim] of aims) {
    for (const name of names) {
      for (const [connections, figures] of Object.entries(measured[name])) {
        const ratio = spread(ratios(figures, who, to));
        lines.push(`| ${name}: ${who} / ${to} | ${connections} | ${ratio} | ${aim} |`);
      }
    }
  }
  lines.push('', '| step, us of CPU | ' + Object.keys(steps).join(' | ') + ' |');
  lines.push('|---|' + '---|'.repeat(Object.keys(steps).length));
  const [first] = Object.values(steps);
  for (const step of Object.keys(first)) {
    lines.push(`| ${step} | ${Object.values(steps).map((it) => short(it[step])).join(' | ')} |`);
  }
  const share = (name) => {
    const it = steps[name];
    const whole = median(measured[name][1]['carnet, executed anew'].map((round) => round.cpu));
    return ((it['who asks'] + it['its cost'] + it['what it may not ask']) / whole) * 100;
  };
  const shares = Object.keys(steps).map((name) => `${name} ${share(name).toFixed(1)} %`);
  lines.push('', `Authorization and cost control, of a request executed anew over 1 connection: ${shares.join(', ')}.`);
  return lines.join('\n');
}
