/** What banks pay: the asset, and how many digits its minor units have. */
export const currency = { asset: "IRR", scale: 2 };
