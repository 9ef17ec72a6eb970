// Looks at a running page in Debian's chromium (apt-get install chromium; npm install):
//
//	node check.js http://127.0.0.1:8080 [STORY [DIRECTORY]]
//
// At three sizes, light and dark: accessibility (axe-core, WCAG 2.2 AA), nothing wider than the screen, no errors on the console;
// then the keys, the filters, paging, and the page without JavaScript. With --live it waits for a story or carrier to arrive by
// itself (`aggregator demo` in its first minute), and says when it does. With a DIRECTORY it keeps screenshots. Exits 1 with what is wrong.
"use strict";
const { chromium } = require("playwright-core");
const fs = require("fs");
const args = process.argv.slice(2).filter((a) => !a.startsWith("--"));
const [base, story = "1", directory] = args;
const live = process.argv.includes("--live");
const wrong = [];
const must = (ok, words) => { if (!ok) wrong.push(words); };

(async () => {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const watch = (p) => {
    p.setDefaultTimeout(120000); // the machine may be busy
    p.on("console", (m) => { if (m.type() === "error") wrong.push("console: " + m.text()); });
    p.on("pageerror", (e) => wrong.push("script: " + e.message));
  };

  if (live) {
    const p = await browser.newPage();
    watch(p);
    await p.goto(base + "/");
    const count = () => document.querySelectorAll("article.story").length + document.querySelectorAll(".carriers li").length;
    const before = await p.evaluate(count);
    console.log("waiting");
    await p.waitForFunction((n) => document.querySelectorAll("article.story").length + document.querySelectorAll(".carriers li").length > n, before, { timeout: 150000 })
      .catch(() => wrong.push("nothing arrived live"));
    await p.close();
  }

  const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const paths = { page: "/", story: "/stories/" + story, outlets: "/outlets", feeds: "/feeds", empty: "/?q=nothing-has-this-headline", problem: "/?limit=x" };
  for (const scheme of ["light", "dark"]) {
    for (const [size, [width, height]] of Object.entries({ phone: [390, 844], desktop: [1366, 900], wall: [1920, 1080], zoomed: [683, 450] })) {
      // axe is put into the page, which the page's own policy would refuse.
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, bypassCSP: true });
      for (const [name, path] of Object.entries(paths)) {
        const p = await context.newPage();
        if (name !== "problem") watch(p);
        await p.goto(base + path);
        if (directory) await p.screenshot({ path: `${directory}/${name}-${size}-${scheme}.png` });
        must(!(await p.evaluate(() => document.documentElement.scrollWidth > innerWidth)), `${name} is wider than a ${size}`);
        await p.evaluate(axe);
        const found = await p.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
        for (const v of found.violations) wrong.push(`${name} ${size} ${scheme}: ${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
        await p.close();
      }
      await context.close();
    }
  }

  const p = await browser.newPage();
  watch(p);
  const rows = (q = p) => q.locator("article.story").count();
  await p.goto(base + "/");
  const all = await rows();
  // The outlets may publish meanwhile: a number of stories is right that the list had before or has now.
  const lists = async (n) => n === all || (await p.goto(base + "/"), n === (await rows()));
  must(all > 2, "fewer than three stories: nothing to try the keys on");
  for (const key of "jjk") await p.keyboard.press(key);
  must(await p.evaluate(() => document.activeElement === document.querySelector(".story.here h3 a")), "j and k do not lead to a headline");
  await p.keyboard.press("o");
  await p.waitForURL(/\/stories\/\d+$/);
  await p.goto(base + "/");
  await p.keyboard.press("/");
  await p.keyboard.type("e");
  await p.keyboard.press("Enter");
  await p.waitForURL(/\/\?q=e$/);
  await p.goto(base + "/");
  await p.locator("input[name=copies]").check();
  await p.locator(".filters button").click();
  await p.waitForURL(/\/\?copies=true$/);
  must((await p.locator(".chip").count()) === 1 && (await rows()) > 0 && (await rows()) <= all, "the filter for copies does not filter");
  await p.locator(".chip").click();
  must(await lists(await rows()), "dropping the filter does not show all stories");
  await p.goto(base + "/?limit=2");
  await p.locator("a[rel=next]").click();
  await p.waitForURL(/after=/);
  must((await rows()) > 0, "the second page is empty");
  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(base + "/");
  must(await lists(await rows(plain)), "without JavaScript the list differs");

  await browser.close();
  for (const w of wrong) console.error(w);
  console.log(wrong.length ? `${wrong.length} things are wrong` : "the page is well");
  process.exit(wrong.length ? 1 : 0);
})();
