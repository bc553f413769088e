import { describe, expect, test } from "vitest";
import { books } from "../testing/books.ts";
import { createCaseBook } from "../testing/case-book.ts";

describe.each(books)("the rules of the $name book", ({ name, createBook }) => {
  const open = (rules = {}) => createCaseBook(createBook(), rules);

  test("M22 thousands of stops trigger one another in price order, without recursion", () => {
    const book = open();
    book.tell("u1 first SELL 1@100", "u2 last BUY 1@100");
    const count = name === "naive" ? 500 : 20_000; // the naive one looks at all of them each time
    for (let n = 1; n <= count; n++) {
      book.apply(`u1 s${n} BUY 1 STOP stop=${100 + n} reserve=30000`);
      book.apply(`u2 a${n} SELL 1@${100 + n}`);
    }
    book.apply(`u2 a${count + 1} SELL 1@${101 + count}`);
    const { events } = book.apply("u3 x BUY 1 MARKET");
    const prices = events.flatMap((event) => (event.kind === "TRADE" ? [event.price] : []));
    expect(prices).toEqual(Array.from({ length: count + 1 }, (_, n) => 101 + n));
    const triggered = events.filter(({ kind }) => kind === "TRIGGERED");
    expect(triggered).toHaveLength(count);
    expect(book.side("SELL")).toBe("");
  });

  const average = { listingPrice: 100 };
  describe("M35 each filter at its edge and one step over", () => {
    test.each([
      ["PRICE_RANGE", { maxPrice: 500 }, "BUY 10@500", "BUY 10@501"],
      ["PRICE_RANGE", { minPrice: 50 }, "BUY 10@50", "BUY 10@49"],
      ["PRICE_RANGE", { maxPrice: 500 }, "BUY 5 STOP stop=500", "BUY 5 STOP stop=501"],
      ["PRICE_TICK", { minPrice: 0 }, "SELL 10@1", "SELL 10@0"],
      ["QTY_STEP", { stepLots: 5 }, "BUY 10@100", "BUY 11@100"],
      ["QTY_STEP", { marketStepLots: 5 }, "BUY 10 MARKET", "BUY 11 MARKET"],
      ["QTY_STEP", {}, "BUY 1@100", "BUY 0@100"],
      ["QTY_RANGE", { minLots: 5 }, "BUY 5@100", "BUY 4@100"],
      ["QTY_RANGE", { maxLots: 50 }, "BUY 50@100", "BUY 51@100"],
      ["QTY_RANGE", { marketMaxLots: 50 }, "BUY 50 MARKET", "BUY 51 MARKET"],
      ["MIN_NOTIONAL", { minNotional: 1000 }, "BUY 10@100", "BUY 9@111"],
      ["MIN_NOTIONAL", { ...average, minNotional: 1000 }, "BUY 10 MARKET", "BUY 9 MARKET"],
      ["MIN_NOTIONAL", { minNotional: 1000 }, "BUY 1 MARKET quote=1000", "BUY 1 MARKET quote=999"],
      ["MAX_NOTIONAL", { maxNotional: 1000 }, "BUY 10@100", "BUY 7@143"],
      ["MAX_NOTIONAL", { ...average, maxNotional: 1000 }, "SELL 10 MARKET", "SELL 11 MARKET"],
      ["PERCENT_PRICE", { ...average, percentHighPpm: 1_300_000 }, "BUY 1@130", "BUY 1@131"],
      ["PERCENT_PRICE", { ...average, percentLowPpm: 700_000 }, "SELL 1@70", "SELL 1@69"],
      ["STP_MODE_NOT_ALLOWED", { stpModes: ["NONE"] }, "BUY 1@9", "BUY 1@9 stp=EXPIRE_TAKER"],
      ["MAX_POSITION", { maxPositionLots: 100 }, "BUY 40@9 position=60", "BUY 41@9 position=60"],
    ] as const)("%s with %o", (reason, rules, edge, over) => {
      const reserve = (order: string) => (order.includes("STOP") ? `${order} reserve=900` : order);
      expect(open(rules).tell(`u1 a ${reserve(edge)}`)).not.toContain(reason);
      expect(open(rules).tell(`u1 a ${reserve(over)}`)).toEqual(["a REJECTED", reason]);
    });

    test("MAX_OPEN_ORDERS and MAX_STOP_ORDERS count what is live", () => {
      const book = open({ maxOpenOrders: 3, maxStopOrders: 1 });
      const stop = "BUY 1 STOP stop=50 reserve=60";
      expect(book.tell("u1 a BUY 1@10", `u1 b ${stop}`, "u1 c BUY 1@10")).toEqual(["b waits"]);
      expect(book.tell(`u1 d ${stop}`)).toEqual(["d REJECTED", "MAX_OPEN_ORDERS"]);
      book.tell("u1 cancel a");
      expect(book.tell(`u1 e ${stop}`)).toEqual(["e REJECTED", "MAX_STOP_ORDERS"]);
      book.tell("u1 cancel b");
      expect(book.tell(`u1 f ${stop}`)).toEqual(["f waits"]);
    });

    test("MAX_POSITION counts the open buys", () => {
      const book = open({ maxPositionLots: 100 });
      book.tell("u1 a BUY 30@10", "u1 sell SELL 500@90", "u1 s BUY 10 STOP stop=95 reserve=99");
      expect(book.tell("u1 b BUY 31@10 position=30")).toEqual(["b REJECTED", "MAX_POSITION"]);
      expect(book.tell("u1 c BUY 30@10 position=30")).toEqual([]);
    });

    test("the first reason of the list is the answer", () => {
      const book = open({ maxLots: 10, maxPrice: 50, stepLots: 2, maxNotional: 100 });
      const said = (line: string) => book.tell(line).at(-1);
      expect(said("u1 a BUY 11@60 limit=5 stp=NONE")).toBe("INVALID_COMBINATION");
      expect(said("u1 b BUY 11@60")).toBe("PRICE_RANGE");
      expect(said("u1 c BUY 13@50")).toBe("QTY_STEP");
      expect(said("u1 d BUY 12@50")).toBe("QTY_RANGE");
      expect(said("u1 e BUY 10@50")).toBe("MAX_NOTIONAL");
      book.tell("state HALT");
      expect(said("u1 f BUY 11@60 limit=5")).toBe("MARKET_CLOSED");
    });

    test.each([
      "BUY 1@5 MARKET GTC",
      "BUY 1 STOP IOC stop=5 reserve=9",
      "BUY 1@5 STOP_LIMIT FOK stop=5",
      "BUY 1@5 POST_ONLY IOC",
      "BUY 1@5 FOK visible=1",
      "BUY 1@5 visible=2",
      "BUY 1@5 limit=5",
      "BUY 1@5 quote=5",
      "BUY 1 STOP stop=5",
      "BUY 1@5 reserve=4",
    ])("%s does not go together", (order) => {
      expect(open().tell(`u1 a ${order}`)).toEqual(["a REJECTED", "INVALID_COMBINATION"]);
    });
  });

  describe("the average price", () => {
    const narrow = { listingPrice: 100, percentLowPpm: 900_000, percentHighPpm: 1_100_000 };
    const range = (book: ReturnType<typeof open>, id: string) =>
      [90, 91, 110, 111, 132, 133].filter((price) => {
        const said = book.tell(`u1 ${id}${price} BUY 1@${price}`, `u1 cancel ${id}${price}`);
        return !said.includes("PERCENT_PRICE");
      });

    test("is the listing price, then that of the trades of 300 full seconds, then the last", () => {
      const book = open(narrow);
      expect(range(book, "a")).toEqual([90, 91, 110]);
      book.tell("u2 s SELL 3@101", "u3 b BUY 1@101", "u3 c BUY 2@101");
      expect(range(book, "b")).toEqual([90, 91, 110]); // the second isn't full yet
      book.wait(1000);
      expect(range(book, "c")).toEqual([91, 110, 111]);
      book.tell("u2 t SELL 9@111", "u3 d BUY 9@111");
      book.wait(1000);
      expect(range(book, "d")).toEqual([110, 111]); // (3 × 101 + 9 × 111) / 12 = 108.5
      book.tell("u2 u SELL 1@99", "u3 e BUY 1@99");
      book.wait(299_000);
      expect(range(book, "e")).toEqual([110, 111]); // without the first second, 109.8
      book.wait(2000);
      expect(range(book, "f")).toEqual([90, 91]); // none within the window: the last, 99
    });
  });

  describe("BOOK-6 the price band", () => {
    const band = { listingPrice: 100, priceBandPpm: 100_000 };

    test("ends a limit order at its border and halts the market", () => {
      const book = open(band);
      book.tell("u1 a SELL 1@110", "u1 b SELL 1@111");
      expect(book.tell("u2 x BUY 3@120")).toEqual(["1@110 a", "x EXPIRED 2 PRICE_BAND", "HALT"]);
      expect(book.tell("u2 y BUY 1@100")).toEqual(["y REJECTED", "MARKET_CLOSED"]);
      expect(book.tell("u1 reduce b 1")).toEqual(["b CANCELLED 1 REDUCED"]);
    });

    test("bounds a market order and a FOK order, which don't halt it", () => {
      const book = open(band);
      book.tell("u1 a SELL 1@110", "u1 b SELL 1@111");
      expect(book.tell("u2 x BUY 2@120 FOK")).toEqual(["x EXPIRED 2 FOK_NOT_FILLABLE"]);
      expect(book.tell("u2 y BUY 2 MARKET")).toEqual([
        "1@110 a",
        "y EXPIRED 1 INSUFFICIENT_LIQUIDITY",
      ]);
    });

    test("stops wait out a halt, and go on with trading", () => {
      const book = open(band);
      book.tell("u1 s SELL 5@100", "u2 l BUY 1@100");
      book.tell("u3 stop BUY 1@104 STOP_LIMIT stop=102", "u1 cancel s");
      book.tell("u1 a SELL 1@103", "u1 b SELL 1@120", "u1 c SELL 1@104");
      expect(book.tell("u2 x BUY 3@120")).toEqual([
        "1@103 a",
        "1@104 c",
        "x EXPIRED 1 PRICE_BAND",
        "HALT",
      ]);
      expect(book.tell("state TRADING")).toEqual(["TRADING", "stop triggered"]);
      expect(book.side("BUY")).toBe("104:1(1)");
    });
  });

  describe("states of a market", () => {
    test("before it opens only what does not cross is taken, and nothing trades", () => {
      const book = open();
      book.tell("state PRE_OPEN", "u1 a SELL 5@100");
      expect(book.tell("u2 b BUY 1@100")).toEqual(["b REJECTED", "WOULD_CROSS"]);
      expect(book.tell("u2 c BUY 1@90 IOC")).toEqual(["c REJECTED", "MARKET_CLOSED"]);
      expect(book.tell("u2 d BUY 1@99 reserve=101")).toEqual([]);
      expect(book.tell("u2 amend d price=100")).toEqual(["WOULD_CROSS"]);
      expect(book.tell("state TRADING", "u2 amend d price=100")).toEqual([
        "TRADING",
        "d amended",
        "1@100 a",
      ]);
    });

    test.each(["HALT", "CANCEL_ONLY"])("%s lets orders be cancelled and reduced", (state) => {
      const book = open();
      book.tell("u1 a SELL 5@100", "u1 b SELL 5@100", `state ${state}`);
      expect(book.tell("u1 amend a price=101")).toEqual(["MARKET_CLOSED"]);
      expect(book.tell("u1 amend a lots=6")).toEqual(["MARKET_CLOSED"]);
      expect(book.tell("u1 amend a lots=4", "u1 reduce a 1")).toEqual(["a amended", "a amended"]);
      expect(book.side("SELL")).toBe("100:8(2)");
      expect(book.tell("u1 cancel-all")).toEqual([
        "a CANCELLED 3 CANCEL_ALL",
        "b CANCELLED 5 CANCEL_ALL",
      ]);
    });

    test("orders expire by time, then by arrival, in any state", () => {
      const book = open();
      const at = 1_800_000_000_000;
      book.tell(`u1 a BUY 1@10 GTD expire=${at + 2000}`, `u1 b BUY 1@10 GTD expire=${at + 1000}`);
      book.tell(`u1 c BUY 1 STOP GTD stop=50 reserve=60 expire=${at + 2000}`, "u1 d BUY 1@10");
      book.tell("state HALT", "expire");
      book.wait(999);
      expect(book.tell("expire")).toEqual([]);
      book.wait(1001);
      const ends = ["b EXPIRED 1 GTD", "a EXPIRED 1 GTD", "c EXPIRED 1 GTD"];
      expect(book.tell("expire")).toEqual(ends);
      expect(book.side("BUY")).toBe("10:1(1)");
    });
  });

  test("an order whose time has come before it does not trade, nor wait", () => {
    const book = open();
    const at = 1_800_000_000_000;
    book.tell("u1 a SELL 5@100");
    const refused = (id: string) => [`${id} REJECTED`, "INVALID_COMBINATION"];
    for (const [index, expire] of [at, at - 1, 0, -62_135_596_800_000].entries()) {
      const bid = `u2 b${index} BUY 1@100 GTD expire=${expire}`;
      expect(book.tell(bid)).toEqual(refused(`b${index}`));
    }
    const stop = `u2 s BUY 1 STOP GTD stop=150 reserve=160 expire=${at}`;
    expect(book.tell(stop)).toEqual(refused("s"));
    const pair = `u2 oco l BUY 1@90 GTD expire=${at} / p BUY 1 STOP stop=150 reserve=160`;
    expect(book.tell(pair)).toEqual(["l REJECTED", ...refused("p")]);
    const replacing = `u1 replace a c SELL 5@100 GTD expire=${at}`;
    expect(book.tell(replacing)).toEqual(refused("c"));
    expect(book.side("SELL")).toBe("100:5(1)");
    expect(book.tell(`u2 x BUY 1@100 GTD expire=${at + 1}`)).toEqual(["1@100 a"]);
  });

  describe("orders by amount", () => {
    test("a buy spends at most its amount and is done when no lot more fits", () => {
      const book = open();
      book.tell("u1 a SELL 4@10", "u1 b SELL 4@20");
      expect(book.tell("u2 x BUY 100 MARKET quote=99")).toEqual([
        "4@10 a",
        "2@20 b",
        "x CLOSED 94 USER",
      ]);
    });

    test("the fee is part of what a buy spends", () => {
      const book = open();
      const taker = { ppm: 100_000, perLot: 0 };
      book.apply({ kind: "TIER", tier: 2, maker: taker, taker });
      book.tell("u1 a SELL 10@10");
      expect(book.tell("u2 x BUY 100 MARKET quote=54 tier=2")).toEqual([
        "4@10 a",
        "x CLOSED 96 USER",
      ]);
    });

    test("a sell earns at most its amount, and has no more than its lots", () => {
      const book = open();
      book.tell("u1 a BUY 4@10", "u1 b BUY 40@5");
      expect(book.tell("u2 x SELL 100 MARKET quote=52")).toEqual([
        "4@10 a",
        "2@5 b",
        "x CLOSED 94 USER",
      ]);
      expect(book.tell("u2 y SELL 3 MARKET quote=52")).toEqual(["3@5 b", "y CLOSED 0 USER"]);
    });

    test("it expires when nobody offers more, or not one lot fits", () => {
      const book = open();
      book.tell("u1 a SELL 4@10");
      expect(book.tell("u2 x BUY 9 MARKET quote=9")).toEqual([
        "x EXPIRED 9 INSUFFICIENT_LIQUIDITY",
      ]);
      expect(book.tell("u2 y BUY 9 MARKET quote=90")).toEqual([
        "4@10 a",
        "y EXPIRED 5 INSUFFICIENT_LIQUIDITY",
      ]);
    });
  });

  describe("OCO", () => {
    const openOco = () => {
      const book = open();
      book.tell("u1 s SELL 1@100", "u2 l BUY 1@100");
      const legs = "u1 oco limit SELL 5@110 / stop SELL 5 STOP stop=90";
      expect(book.tell(legs)).toEqual(["stop waits"]);
      return book;
    };

    test("the first fill of the limit leg cancels the stop", () => {
      const book = openOco();
      const said = ["stop CANCELLED 5 OCO", "2@110 limit"];
      expect(book.tell("u2 x BUY 2@110")).toEqual(said);
      expect(book.side("SELL")).toBe("110:3(1)");
      expect(book.tell("u2 y BUY 1@110")).toEqual(["1@110 limit"]);
    });

    test("the trigger of the stop cancels the limit leg", () => {
      const book = openOco();
      book.tell("u2 a BUY 1@90", "u2 b BUY 9@85");
      expect(book.tell("u3 x SELL 1@90")).toEqual([
        "1@90 a",
        "limit CANCELLED 5 OCO",
        "stop triggered",
        "5@85 b",
      ]);
      expect(book.side("SELL")).toBe("");
    });

    test("both legs end together", () => {
      const ends = ["stop CANCELLED 5 USER", "limit CANCELLED 5 USER"];
      expect(openOco().tell("u1 cancel stop", "u1 cancel limit")).toEqual([
        ...ends,
        "UNKNOWN_ORDER",
      ]);
    });

    test("neither leg is taken when one is refused, nor changed afterwards", () => {
      const book = openOco();
      expect(book.tell("u1 oco a SELL 5@111 / b SELL 5 STOP stop=101")).toEqual([
        "a REJECTED",
        "b REJECTED",
        "WOULD_TRIGGER_IMMEDIATELY",
      ]);
      const wrong = "u1 oco c SELL 5@111 / d SELL 6 STOP stop=90";
      expect(book.tell(wrong).at(-1)).toBe("INVALID_COMBINATION");
      expect(book.tell("u1 amend limit price=111", "u1 reduce stop 1")).toEqual([
        "INVALID_COMBINATION",
        "INVALID_COMBINATION",
      ]);
    });
  });

  describe("amendments", () => {
    test("a moved stop must not trigger, and waits behind the others of its price", () => {
      const book = open();
      book.tell("u1 s SELL 1@100", "u2 l BUY 1@100");
      book.tell("u3 a BUY 1@120 STOP_LIMIT stop=105", "u4 b BUY 1@120 STOP_LIMIT stop=110");
      expect(book.tell("u3 amend a stopPrice=100")).toEqual(["WOULD_TRIGGER_IMMEDIATELY"]);
      expect(book.tell("u3 amend a stopPrice=110")).toEqual(["a amended"]);
      book.tell("u1 t SELL 1@110");
      expect(book.tell("u2 x BUY 1@110")).toEqual(["1@110 t", "b triggered", "a triggered"]);
    });

    test("a buy stays below its reserve price unless that is raised with it", () => {
      const book = open({ maxAmends: 2 });
      book.tell("u1 a BUY 5@100 reserve=105");
      expect(book.tell("u1 amend a price=106")).toEqual(["PRICE_OVER_RISK_LIMIT"]);
      expect(book.tell("u1 amend a price=106 reservePrice=106 extra=5")).toEqual(["a amended"]);
      expect(book.tell("u1 amend a price=106", "u1 amend a price=104")).toEqual(["a amended"]);
      expect(book.tell("u1 amend a price=105")).toEqual(["TOO_MANY_AMENDS"]);
      expect(book.tell("u1 amend a lots=4")).toEqual(["a amended"]);
    });

    test("FUND-3 more lots need an extra hold that covers them as the order is by then", () => {
      const book = open();
      book.tell("u1 buy BUY 10@300", "u1 reduce buy 9", "u2 sell SELL 10@400", "u2 reduce sell 9");
      expect(book.tell("u1 amend buy lots=8")).toEqual(["INSUFFICIENT_FUNDS"]);
      expect(book.tell("u1 amend buy lots=8 extra=2099")).toEqual(["INSUFFICIENT_FUNDS"]);
      expect(book.tell("u1 amend buy lots=8 extra=2100")).toEqual(["buy amended"]);
      expect(book.tell("u2 amend sell lots=8 extra=6")).toEqual(["INSUFFICIENT_FUNDS"]);
      expect(book.tell("u2 amend sell lots=8 extra=7")).toEqual(["sell amended"]);
    });

    test("FUND-3 a fill may make more lots dearer, with a lower reserve or a rounded fee", () => {
      const book = open();
      book.tell("u1 a BUY 10@100 reserve=200", "u2 x SELL 5@100 IOC");
      const lower = "u1 amend a lots=15 reservePrice=150";
      expect(book.tell(`${lower} extra=250`)).toEqual(["INSUFFICIENT_FUNDS"]);
      expect(book.tell(`${lower} extra=500`)).toEqual(["a amended"]);
      const [maker, taker] = [0, 1000].map((ppm) => ({ ppm, perLot: 0 }));
      book.apply({ kind: "TIER", tier: 2, maker: maker!, taker: taker! });
      book.tell("u1 cancel a", "u1 b BUY 8@300 tier=2", "u2 y SELL 2@300 IOC");
      expect(book.tell("u1 amend b lots=10 extra=600")).toEqual(["INSUFFICIENT_FUNDS"]);
      expect(book.tell("u1 amend b lots=10 extra=601")).toEqual(["b amended"]);
    });

    test("a post-only order does not move across", () => {
      const book = open();
      book.tell("u1 a SELL 5@100", "u2 b BUY 5@90 POST_ONLY reserve=200");
      expect(book.tell("u2 amend b price=100")).toEqual(["WOULD_CROSS"]);
      expect(book.tell("u2 amend b price=99")).toEqual(["b amended"]);
    });
  });

  test("BOOK-4 a trade's stops enter in the direction of the move, after the taker is done", () => {
    const book = open();
    book.tell("u1 s SELL 1@100", "u2 l BUY 1@100");
    book.tell("u3 far BUY 1@200 STOP_LIMIT stop=104", "u3 near BUY 1@200 STOP_LIMIT stop=102");
    book.tell("u4 tp SELL 1@105 TAKE_PROFIT_LIMIT stop=103");
    book.tell("u1 a SELL 1@101", "u1 b SELL 1@104");
    expect(book.tell("u2 x BUY 2@104")).toEqual([
      "1@101 a",
      "1@104 b",
      "near triggered",
      "tp triggered",
      "1@200 near",
      "far triggered",
    ]);
  });

  test("seq and trade ids have no gaps", () => {
    const book = open();
    const lines = ["u1 a SELL 5@100", "u2 b BUY 2@100", "u1 cancel a", "u2 c BUY 1@9 POST_ONLY"];
    const events = lines.flatMap((line) => book.apply(line).events);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 2));
  });
});
