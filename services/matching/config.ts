/** The settings of matching beside those of every service. */
export const settings = {};
