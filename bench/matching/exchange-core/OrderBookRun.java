import exchange.core2.collections.objpool.ObjectsPool;
import exchange.core2.core.common.CoreSymbolSpecification;
import exchange.core2.core.common.L2MarketData;
import exchange.core2.core.common.MatcherEventType;
import exchange.core2.core.common.MatcherTradeEvent;
import exchange.core2.core.common.OrderAction;
import exchange.core2.core.common.OrderType;
import exchange.core2.core.common.SymbolType;
import exchange.core2.core.common.cmd.CommandResultCode;
import exchange.core2.core.common.cmd.OrderCommand;
import exchange.core2.core.common.cmd.OrderCommandType;
import exchange.core2.core.common.config.LoggingConfiguration;
import exchange.core2.core.orderbook.IOrderBook;
import exchange.core2.core.orderbook.OrderBookDirectImpl;
import exchange.core2.core.orderbook.OrderBookEventsHelper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs the commands of files through exchange-core's order book, on one thread. Each line that it
 * reads names a file, how many of its commands fill the book first, and how many it runs in all; the
 * answer is a line: commands a second, fills, the sum of price times lots, levels, lots that rest.
 */
public final class OrderBookRun {
  private static final int BYTES = 32;
  private static final int GTC = 0, IOC = 1, FOK = 2, CANCEL = 3, REDUCE = 4;

  private final int[] kind, order, user, price, lots;
  private final long[] limit;
  private final boolean[] isBuy;
  private long fills, units;

  public static void main(String[] none) throws IOException {
    Map<String, OrderBookRun> runs = new HashMap<>();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] wanted = line.split(" ");
      OrderBookRun run = runs.get(wanted[0]);
      if (run == null) {
        run = new OrderBookRun(Files.readAllBytes(Path.of(wanted[0])));
        runs.put(wanted[0], run);
      }
      run.measure(Integer.parseInt(wanted[1]), Integer.parseInt(wanted[2]));
    }
  }

  private OrderBookRun(byte[] bytes) {
    int count = bytes.length / BYTES;
    kind = new int[count];
    order = new int[count];
    user = new int[count];
    price = new int[count];
    lots = new int[count];
    limit = new long[count];
    isBuy = new boolean[count];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < count; at++) {
      kind[at] = buffer.getInt();
      order[at] = buffer.getInt();
      user[at] = buffer.getInt();
      isBuy[at] = buffer.getInt() == 1;
      price[at] = buffer.getInt();
      lots[at] = buffer.getInt();
      limit[at] = (long) buffer.getDouble();
    }
  }

  private void measure(int fill, int count) {
    fills = units = 0;
    IOrderBook book =
        new OrderBookDirectImpl(
            CoreSymbolSpecification.builder()
                .symbolId(1)
                .type(SymbolType.CURRENCY_EXCHANGE_PAIR)
                .baseCurrency(1)
                .quoteCurrency(2)
                .baseScaleK(1)
                .quoteScaleK(1)
                .build(),
            ObjectsPool.createDefaultTestPool(),
            OrderBookEventsHelper.NON_POOLED_EVENTS_HELPER,
            LoggingConfiguration.DEFAULT);
    apply(book, 0, fill);
    System.gc();
    long start = System.nanoTime();
    apply(book, fill, count);
    double seconds = (System.nanoTime() - start) / 1e9;
    book.validateInternalState();
    L2MarketData depth = book.getL2MarketDataSnapshot(Integer.MAX_VALUE);
    System.out.println(
        (count - fill) / seconds
            + " " + fills
            + " " + units
            + " " + (depth.askSize + depth.bidSize)
            + " " + (depth.totalOrderBookVolumeAsk() + depth.totalOrderBookVolumeBid()));
  }

  private void apply(IOrderBook book, int from, int to) {
    OrderCommand command = new OrderCommand();
    for (int at = from; at < to; at++) {
      write(command, at);
      CommandResultCode result = IOrderBook.processCommand(book, command);
      if (result != CommandResultCode.SUCCESS) throw new IllegalStateException(at + ": " + result);
      MatcherTradeEvent event = command.matcherEvent;
      for (; event != null; event = event.nextEvent) {
        if (event.eventType != MatcherEventType.TRADE) continue;
        fills++;
        units += event.price * event.size;
      }
    }
  }

  private void write(OrderCommand command, int at) {
    command.matcherEvent = null;
    command.resultCode = CommandResultCode.VALID_FOR_MATCHING_ENGINE;
    command.symbol = 1;
    command.orderId = order[at];
    command.uid = user[at] + 1;
    command.price = price[at];
    command.size = lots[at];
    command.action = isBuy[at] ? OrderAction.BID : OrderAction.ASK;
    switch (kind[at]) {
      case GTC -> place(command, OrderType.GTC);
      case IOC -> place(command, OrderType.IOC);
      case FOK -> {
        place(command, OrderType.FOK_BUDGET);
        command.price = limit[at];
      }
      case CANCEL -> command.command = OrderCommandType.CANCEL_ORDER;
      case REDUCE -> command.command = OrderCommandType.REDUCE_ORDER;
      default -> command.command = OrderCommandType.MOVE_ORDER;
    }
  }

  private void place(OrderCommand command, OrderType type) {
    command.command = OrderCommandType.PLACE_ORDER;
    command.orderType = type;
    command.reserveBidPrice = Integer.MAX_VALUE;
  }
}
