import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const page = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../dist/page/${file}`, import.meta.url)), "utf8");

/** Where the names of what is bundled stand; texts follow each. */
const heads = /^(?:@?[\w/-]+ [\d.]+|\w+ \(https:.*\), in compiled form in .*), ([\w.-]+)$/;

test("the licence of everything bundled has its text, of what packages hold compiled as well", () => {
  const notices = page("LICENSES.txt").split(`\n\n${"-".repeat(72)}\n\n`);
  const texts = {
    MIT: "Permission is hereby granted, free of charge",
    ISC: "Permission to use, copy, modify, and/or distribute this software",
    "BSD-3-Clause": "Redistribution and use in source and binary forms",
    "EPL-2.0": "Eclipse Public License - v 2.0",
  };
  const known: readonly (readonly [string, string])[] = Object.entries(texts);
  for (const notice of notices) {
    const licence = heads.exec(notice.split("\n")[0] ?? "")?.[1];
    const text = known.find(([name]) => name === licence)?.[1];
    expect({ notice, licence, has: text !== undefined && notice.includes(text) }).toMatchObject({
      has: true,
    });
    expect(notice).toMatch(/copyright/i);
    expect(notice).not.toMatch(/<(?:year|copyright holders)>/);
  }
  for (const name of ["@viz-js/viz", "Graphviz", "Expat", "preact", "d3-zoom", "d3-selection"]) {
    expect(notices.filter((notice) => notice.startsWith(`${name} `))).toHaveLength(1);
  }
});
