import { describe, expect, test } from "vitest";
import { books } from "../testing/books.ts";
import { createCaseBook } from "../testing/case-book.ts";

const K = [
  "u1 id1 SELL 100@81600",
  "u1 id2 SELL 50@81599",
  "u1 id3 SELL 25@81599",
  "u1 id10 SELL 10@200954",
  "u1 id8 SELL 28@201000",
  "u1 id9 SELL 32@201000",
  "u1 id4 BUY 40@81593",
  "u1 id5 BUY 20@81590",
  "u1 id6 BUY 1@81590",
  "u1 id7 BUY 20@81200 reserve=400000",
  "u1 id11 BUY 12@10000",
  "u1 id12 BUY 1@10000",
  "u1 id13 BUY 2@9136",
  "u1 gone SELL 5@81601",
  "u1 cancel gone",
];

const sweep = [
  "50@81599 id2",
  "25@81599 id3",
  "100@81600 id1",
  "10@200954 id10",
  "28@201000 id8",
  "32@201000 id9",
];

const ASKS = "81599:75(2) 81600:100(1) 200954:10(1) 201000:60(2)";
const BIDS = "81593:40(1) 81590:21(2) 81200:20(1) 10000:13(2) 9136:2(1)";

describe.each(books)("the $name book", ({ createBook }) => {
  const open = (rules = {}) => createCaseBook(createBook(), rules);
  const openK = () => {
    const book = open();
    book.tell(...K);
    return book;
  };

  test("book K has its levels", () => {
    const book = openK();
    expect(book.side("SELL")).toBe(ASKS);
    expect(book.side("BUY")).toBe(BIDS);
  });

  test("M01 an IOC ask takes the best bids in order", () => {
    const book = openK();
    expect(book.tell("u2 x SELL 41@1 IOC")).toEqual(["40@81593 id4", "1@81590 id5"]);
    expect(book.side("BUY")).toMatch(/^81590:20\(2\) /u);
    expect(book.tell("u1 cancel id4", "u1 cancel id5")).toEqual([
      "UNKNOWN_ORDER",
      "id5 CANCELLED 19 USER",
    ]);
  });

  test("M02 an IOC bid takes levels in price, then orders in time", () => {
    const book = openK();
    expect(book.tell("u2 x BUY 175@400000 IOC")).toEqual(sweep.slice(0, 3));
    expect(book.side("SELL")).toBe("200954:10(1) 201000:60(2)");
  });

  test("M03 what an IOC order can't take expires", () => {
    const book = openK();
    expect(book.tell("u2 x BUY 270@400000 IOC")).toEqual([...sweep, "x EXPIRED 25 IOC_REMAINDER"]);
    expect(book.side("SELL")).toBe("");
  });

  test("M04 the rest of a GTC bid is the best bid", () => {
    const book = openK();
    expect(book.tell("u2 x BUY 77@81599")).toEqual(["50@81599 id2", "25@81599 id3"]);
    expect(book.side("BUY")).toBe(`81599:2(1) ${BIDS}`);
  });

  test("M05 a GTC bid takes the whole side and rests", () => {
    const book = openK();
    expect(book.tell("u2 x BUY 1000@220000")).toHaveLength(6);
    expect(book.side("BUY")).toBe(`220000:755(1) ${BIDS}`);
    expect(book.side("SELL")).toBe("");
  });

  test("M06 a FOK bid is filled within its cost or not at all", () => {
    const book = openK();
    const bid = "BUY 180@400000 FOK limit=";
    expect(book.tell(`u2 x ${bid}15284694`)).toEqual(["x EXPIRED 180 FOK_NOT_FILLABLE"]);
    expect([book.side("SELL"), book.side("BUY")]).toEqual([ASKS, BIDS]);
    expect(book.tell(`u2 y ${bid}15284695`)).toEqual([...sweep.slice(0, 3), "5@200954 id10"]);
    expect(book.side("SELL")).toBe("200954:5(1) 201000:60(2)");
  });

  test("M07 a FOK ask is filled for its proceeds or not at all", () => {
    const book = openK();
    const ask = "SELL 60@1 FOK limit=";
    expect(book.tell(`u2 x ${ask}4895521`)).toEqual(["x EXPIRED 60 FOK_NOT_FILLABLE"]);
    expect([book.side("SELL"), book.side("BUY")]).toEqual([ASKS, BIDS]);
    expect(book.tell(`u2 y ${ask}4895520`)).toEqual(["40@81593 id4", "20@81590 id5"]);
    expect(book.side("BUY")).toMatch(/^81590:1\(1\) /u);
  });

  test("M08 a reduction keeps the place, and ends what it reduces to nothing", () => {
    const book = openK();
    expect(book.tell("u1 reduce id5 3")).toEqual(["id5 amended"]);
    expect(book.side("BUY")).toContain("81590:18(2)");
    expect(book.tell("u1 reduce id1 300")).toEqual(["id1 CANCELLED 100 REDUCED"]);
    expect(book.side("SELL")).toBe("81599:75(2) 200954:10(1) 201000:60(2)");
    const wrong = [0, -1, -(2 ** 31)].map((lots) => `u1 reduce id5 ${lots}`);
    expect(book.tell(...wrong)).toEqual(["WRONG_SIZE", "WRONG_SIZE", "WRONG_SIZE"]);
    const fills = ["40@81593 id4", "17@81590 id5", "1@81590 id6"];
    expect(book.tell("u2 x SELL 58@81590 IOC")).toEqual(fills);
  });

  test("M09 a foreign order and one that is not there have the same answer", () => {
    const book = openK();
    const lines = [
      "u2 cancel id5",
      "u2 amend id5 price=81591",
      "u2 reduce id5 1",
      "u1 cancel id999",
      "u2 cancel id999",
    ];
    const answers = lines.map((line) => book.apply(line));
    for (const answer of answers) expect(answer).toEqual({ refusal: "UNKNOWN_ORDER", events: [] });
    expect([book.side("SELL"), book.side("BUY")]).toEqual([ASKS, BIDS]);
  });

  test("M10 a moved order is the last of its new level", () => {
    const book = openK();
    expect(book.tell("u1 amend id7 price=81590")).toEqual(["id7 amended"]);
    expect(book.side("BUY")).toContain("81590:41(3)");
    const fills = ["40@81593 id4", "20@81590 id5", "1@81590 id6"];
    expect(book.tell("u2 x SELL 61@1 IOC")).toEqual(fills);
    expect(book.side("BUY")).toMatch(/^81590:20\(1\) /u);
  });

  test("M11 a moved order takes what it meets", () => {
    const book = openK();
    expect(book.tell("u2 id83 BUY 246@81594 reserve=201000")).toEqual([]);
    expect(book.tell("u2 amend id83 price=201000")).toEqual(["id83 amended", ...sweep]);
    expect(book.side("BUY")).toBe(`201000:1(1) ${BIDS}`);
    expect(book.side("SELL")).toBe("");
  });

  test("M12 the price is the maker's, also when a move trades", () => {
    const book = open();
    book.tell("u1 101 SELL 7@1600", "u1 102 BUY 4@1550");
    expect(book.tell("u2 201 BUY 2@1700 IOC")).toEqual(["2@1600 101"]);
    expect(book.tell("u2 202 BUY 4@1583")).toEqual([]);
    expect(book.tell("u1 amend 101 price=1580")).toEqual(["101 amended", "4@1583 202"]);
    expect([book.side("SELL"), book.side("BUY")]).toEqual(["1580:1(1)", "1550:4(1)"]);
  });

  test("M13 a worse level between two orders is left alone", () => {
    const book = open();
    book.tell("u1 a SELL 300@1251", "u1 b SELL 100@1252", "u1 c SELL 200@1251");
    expect(book.tell("u2 x BUY 500@1251")).toEqual(["300@1251 a", "200@1251 c"]);
    expect(book.side("SELL")).toBe("1252:100(1)");
  });

  test("M14 one bid meets ask after ask", () => {
    const book = open();
    book.tell("u1 b BUY 900@1251");
    const left = [100, 300, 200, 400].map((lots) => {
      book.tell(`u2 a${lots} SELL ${lots}@1251`);
      return book.side("BUY");
    });
    expect(left).toEqual(["1251:800(1)", "1251:500(1)", "1251:300(1)", ""]);
    expect(book.side("SELL")).toBe("1251:100(1)");
  });

  test("M15 FOK looks at its limit and at all levels", () => {
    const a = open();
    a.tell("u1 a SELL 100@1250", "u1 b SELL 100@1251");
    expect(a.tell("u2 x BUY 300@1250 FOK")).toEqual(["x EXPIRED 300 FOK_NOT_FILLABLE"]);
    const b = open();
    b.tell("u1 a SELL 400@1250", "u1 b SELL 100@1251");
    const { events } = b.apply("u2 x BUY 500@1251 FOK");
    const last = events.at(-1)!;
    expect(last.kind === "TRADE" && last.taker.filledUnits).toBe(625_100);
  });

  test("M16 a quantity below what was filled ends the order", () => {
    const book = open();
    book.tell("u1 other SELL 7@1252", "u1 a SELL 300@1252", "u2 x BUY 207@1252");
    expect(book.tell("u1 amend a lots=150")).toEqual(["a CANCELLED 100 REDUCED"]);
    expect(book.side("SELL")).toBe("");
    const again = open();
    again.tell("u1 a SELL 300@1252", "u2 x BUY 200@1252", "u1 other SELL 7@1252");
    expect(again.side("SELL")).toBe("1252:107(2)");
    again.tell("u1 amend a lots=150");
    expect(again.side("SELL")).toBe("1252:7(1)");
  });

  test("M17 orders that change places stand last in their new levels", () => {
    const book = open();
    book.tell("u1 B1 BUY 140@1251", "u1 B0 BUY 120@1250 reserve=1251");
    book.tell("u1 amend B0 price=1251");
    expect(book.side("BUY")).toBe("1251:260(2)");
    const probe = open();
    probe.tell("u1 B1 BUY 140@1251", "u1 B0 BUY 120@1250 reserve=1251", "u1 amend B0 price=1251");
    expect(probe.tell("u2 x SELL 260@1251")).toEqual(["140@1251 B1", "120@1251 B0"]);
    book.tell("u1 amend B1 price=1250");
    expect(book.side("BUY")).toBe("1251:120(1) 1250:140(1)");
  });

  test("M19 a market order never rests", () => {
    const book = open();
    expect(book.tell("u2 x BUY 10 MARKET")).toEqual(["x EXPIRED 10 INSUFFICIENT_LIQUIDITY"]);
    book.tell("u1 a SELL 4@100");
    expect(book.tell("u2 y BUY 10 MARKET")).toEqual([
      "4@100 a",
      "y EXPIRED 6 INSUFFICIENT_LIQUIDITY",
    ]);
    expect(book.side("BUY")).toBe("");
  });

  const lastIs55 = ["u3 l SELL 1@55", "u4 m BUY 1@55"];
  const stops = ["u3 sb BUY 1 STOP stop=56 reserve=60", "u3 ss SELL 1 STOP stop=54"];

  test("M20 stops wait, can be cancelled, and enter as takers when they are triggered", () => {
    const book = open();
    book.tell(...lastIs55, "u1 a SELL 1@56", "u1 b SELL 1@57", "u1 c BUY 1@54", "u1 d BUY 1@53");
    expect(book.tell(...stops)).toEqual(["sb waits", "ss waits"]);
    const ends = ["sb CANCELLED 1 USER", "ss CANCELLED 1 USER"];
    expect(book.tell("u3 cancel sb", "u3 cancel ss")).toEqual(ends);
    book.tell(...stops);
    const rise = ["1@56 a", "sb triggered", "1@57 b"];
    expect(book.tell("u2 x BUY 1 MARKET")).toEqual(rise);
    const fall = ["1@54 c", "ss triggered", "1@53 d"];
    expect(book.tell("u2 y SELL 1 MARKET")).toEqual(fall);
  });

  test.each([
    "BUY 1 STOP stop=55 reserve=60",
    "BUY 1 STOP stop=54 reserve=60",
    "SELL 1 STOP stop=55",
    "SELL 1 STOP stop=56",
    "SELL 1 TAKE_PROFIT stop=55",
    "BUY 1@50 TAKE_PROFIT_LIMIT stop=55",
  ])("M21 %s would trigger at once when the last price is 55", (stop) => {
    const book = open();
    book.tell(...lastIs55);
    expect(book.tell(`u1 s ${stop}`)).toEqual(["s REJECTED", "WOULD_TRIGGER_IMMEDIATELY"]);
  });

  describe("M23 self-trade prevention, in tenths of tick and lot", () => {
    const makers = ["u1 m1 BUY 12@12", "u1 m2 BUY 13@11", "u1 m3 BUY 81@10"];

    test("(a) EXPIRE_MAKER ends the makers, and the taker rests", () => {
      const book = open();
      book.tell(...makers);
      expect(book.tell("u1 t SELL 30@10 stp=EXPIRE_MAKER")).toEqual([
        "prevented taker 0, m1 12 ends",
        "prevented taker 0, m2 13 ends",
        "prevented taker 0, m3 81 ends",
      ]);
      expect([book.side("BUY"), book.side("SELL")]).toEqual(["", "10:30(1)"]);
    });

    test("(b) EXPIRE_TAKER ends the taker", () => {
      const book = open();
      book.tell(...makers);
      const said = ["prevented taker 30 ends, m1 0"];
      expect(book.tell("u1 t SELL 30@10 stp=EXPIRE_TAKER")).toEqual(said);
      expect([book.side("BUY"), book.side("SELL")]).toEqual(["12:12(1) 11:13(1) 10:81(1)", ""]);
    });

    test("(c) DECREMENT takes off both", () => {
      const book = open();
      book.tell(...makers);
      expect(book.tell("u1 t SELL 30@10 stp=DECREMENT")).toEqual([
        "prevented taker 12, m1 12 ends",
        "prevented taker 13, m2 13 ends",
        "prevented taker 5 ends, m3 5",
      ]);
      expect([book.side("BUY"), book.side("SELL")]).toEqual(["10:76(1)", ""]);
    });

    test("(d) EXPIRE_BOTH ends both", () => {
      const book = open();
      book.tell("u1 m BUY 10@10");
      const said = ["prevented taker 30 ends, m 10 ends"];
      expect(book.tell("u1 t SELL 30@10 stp=EXPIRE_BOTH")).toEqual(said);
      expect([book.side("BUY"), book.side("SELL")]).toEqual(["", ""]);
    });

    test("(e) the taker's mode decides", () => {
      const book = open();
      book.tell("u1 m BUY 10@10 stp=EXPIRE_MAKER");
      const said = ["prevented taker 10 ends, m 0"];
      expect(book.tell("u1 t SELL 10@10 stp=EXPIRE_TAKER")).toEqual(said);
      expect(book.side("BUY")).toBe("10:10(1)");
    });

    test("(f) a market order that finds only own makers expires", () => {
      const book = open();
      book.tell("u1 m BUY 10@10");
      expect(book.tell("u1 t SELL 10 MARKET stp=EXPIRE_MAKER")).toEqual([
        "prevented taker 0, m 10 ends",
        "t EXPIRED 10 INSUFFICIENT_LIQUIDITY",
      ]);
    });

    test("(g) DECREMENT leaves the larger one", () => {
      const book = open();
      book.tell("u1 m BUY 60@20");
      const said = ["prevented taker 20 ends, m 20"];
      expect(book.tell("u1 t SELL 20@20 stp=DECREMENT")).toEqual(said);
      expect(book.side("BUY")).toBe("20:40(1)");
    });

    test("NONE trades, and accounts of one trade group are one owner", () => {
      const book = open();
      book.tell("u1 m BUY 5@10", "u2 n BUY 5@10");
      book.apply({ kind: "ACCOUNT", account: 2, owner: "2".padStart(32, "0"), group: 1 });
      expect(book.tell("u1 t SELL 5@10")).toEqual(["5@10 m"]);
      const said = ["prevented taker 5 ends, n 0"];
      expect(book.tell("u1 s SELL 5@10 stp=EXPIRE_TAKER")).toEqual(said);
    });
  });

  test("M24 others at the price trade, and what was filled before a prevention stays", () => {
    const a = open();
    a.tell("u1 alice BUY 5@100", "u2 bob BUY 5@100");
    expect(a.tell("u1 t SELL 8@90 stp=EXPIRE_MAKER")).toEqual([
      "prevented taker 0, alice 5 ends",
      "5@100 bob",
    ]);
    expect(a.side("SELL")).toBe("90:3(1)");
    const b = open();
    b.tell("u2 bob BUY 5@101", "u1 alice BUY 5@100");
    expect(b.tell("u1 t SELL 8@90 stp=EXPIRE_TAKER")).toEqual([
      "5@101 bob",
      "prevented taker 3 ends, alice 0",
    ]);
    expect(b.side("BUY")).toBe("100:5(1)");
  });

  test("M25 a post-only order never takes", () => {
    const book = open();
    book.tell("u1 a SELL 1@100");
    const lines = [101, 100, 99].map((price) => `u2 p${price} BUY 1@${price} POST_ONLY`);
    expect(book.tell(...lines)).toEqual([
      "p101 REJECTED",
      "WOULD_CROSS",
      "p100 REJECTED",
      "WOULD_CROSS",
    ]);
    expect(book.side("BUY")).toBe("99:1(1)");
  });

  describe("M26 the place of an order after a change", () => {
    const queue = ["u1 A SELL 100@87000", "u2 YOU SELL 550@87000", "u3 B SELL 400@87000"];
    const fills = ["u4 x1 BUY 1@87000 IOC", "u4 x2 BUY 99@87000 IOC"];
    const order = (change: string) => {
      const book = open();
      book.tell(...queue, change, ...fills);
      return book.tell("u4 x3 BUY 1000@87000 IOC").filter((said) => said.includes("@"));
    };

    test("(a) a smaller quantity keeps it", () => {
      expect(order("u2 amend YOU lots=500")).toEqual(["500@87000 YOU", "400@87000 B"]);
    });

    test("(b) a new order in its stead loses it", () => {
      const said = ["400@87000 B", "500@87000 NEW"];
      expect(order("u2 replace YOU NEW SELL 500@87000")).toEqual(said);
    });

    test("(c) a larger quantity loses it", () => {
      expect(order("u2 amend YOU lots=600 extra=100")).toEqual(["400@87000 B", "600@87000 YOU"]);
    });
  });

  test("a cancel-replace that is refused leaves the old order", () => {
    const book = open();
    book.tell("u1 old BUY 5@100", "u2 ask SELL 5@110");
    expect(book.tell("u1 replace old new BUY 5@110 POST_ONLY")).toEqual([
      "new REJECTED",
      "WOULD_CROSS",
    ]);
    expect(book.side("BUY")).toBe("100:5(1)");
    expect(book.tell("u1 replace none new BUY 5@99")).toEqual(["new REJECTED", "UNKNOWN_ORDER"]);
    expect(book.tell("u1 replace old new2 BUY 5@110")).toEqual([
      "old CANCELLED 5 REPLACED",
      "5@110 ask",
    ]);
  });

  describe("M27 an iceberg", () => {
    const berg = ["u1 ice SELL 100@500 visible=10", "u3 a SELL 10@500"];

    test("shows a part, and the next one behind all others", () => {
      const book = open();
      book.tell(...berg);
      expect(book.side("SELL")).toBe("500:20(2)");
      expect(book.tell("u2 x BUY 10@500 IOC")).toEqual(["10@500 ice"]);
      expect(book.side("SELL")).toBe("500:20(2)");
      expect(book.tell("u2 y BUY 11@500 IOC")).toEqual(["10@500 a", "1@500 ice"]);
    });

    test("is taken part by part", () => {
      const book = open();
      book.tell(...berg);
      const fills = ["10@500 ice", "10@500 a", "5@500 ice"];
      expect(book.tell("u2 x BUY 25@500 IOC")).toEqual(fills);
      expect(book.side("SELL")).toBe("500:5(1)");
      expect(book.tell("u1 cancel ice")).toEqual(["ice CANCELLED 85 USER"]);
    });

    test("has no more parts than the market allows", () => {
      const book = open({ maxIcebergParts: 10 });
      expect(book.tell("u1 big SELL 101@500 visible=10")).toEqual([
        "big REJECTED",
        "INVALID_COMBINATION",
      ]);
      expect(book.tell("u1 ok SELL 100@500 visible=10")).toEqual([]);
    });
  });

  test("M28 a client's id is used once while its order lives and for a day after", () => {
    const book = open();
    book.tell("u1 a BUY 5@100 key=c1", "u2 ask SELL 5@110");
    const refused = ["DUPLICATE_CLIENT_ORDER_ID"];
    expect(book.tell("u1 b BUY 5@110 key=c1")).toEqual(["b REJECTED", ...refused]);
    expect(book.tell("u2 c BUY 5@90 key=c1")).toEqual([]); // another account's own
    book.tell("u1 cancel a");
    expect(book.tell("u1 d BUY 5@110 key=c1")).toEqual(["d REJECTED", ...refused]);
    book.wait(24 * 3600 * 1000 - 1);
    expect(book.tell("u1 e BUY 5@110 key=c1")).toEqual(["e REJECTED", ...refused]);
    book.wait(1);
    expect(book.tell("u1 f BUY 5@90 key=c1")).toEqual([]);
    expect(book.tell("u1 f BUY 5@90 key=c2")).toEqual(["DUPLICATE_ORDER"]);
  });

  test("M28 an order that was rejected frees its client's id at once", () => {
    const book = open();
    book.tell("u2 ask SELL 5@110", "u1 a BUY 5@110 POST_ONLY key=c1");
    expect(book.tell("u1 b BUY 5@100 key=c1")).toEqual([]);
  });

  test("M37 what adds up leaves no level behind", () => {
    const book = open();
    book.tell("u1 a SELL 1@1000", "u1 b SELL 2@1000");
    expect(book.tell("u2 x BUY 3 MARKET")).toEqual(["1@1000 a", "2@1000 b"]);
    expect(book.side("SELL")).toBe("");
  });
});
