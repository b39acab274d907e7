/**
 * Words that are easy to say and hard to mistake: within and across both lists any two differ by at least two
 * letters. Each list has 256, so that a word is a byte.
 *
 * @module
 */

function list(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** 256 describing words. */
export const ADJECTIVES: readonly string[] = list(`
  able active agile alert alpine amber ancient arctic atomic aware azure bold brave brief brisk
  bronze calm candid careful casual central cheerful chilly civic classic clean coastal cobalt
  common cool copper cosmic cozy crimson crisp curious curly daring deep dense direct distant
  double dreamy dusty eager early eastern easy elastic electric elegant emerald endless equal
  even exact expert fabulous famous fancy fast fearless festive final firm first floral fluent
  fluffy formal fragile free frequent fresh friendly frosty fruity full funny gentle giant
  gifted glad global golden good graceful grand great green handsome handy happy hasty hidden
  high historic hollow honest humble ideal indigo instant ivory joyful keen kind known large
  lavender lazy lilac limber liquid little lively local logical long lucid lucky lunar magic
  main majestic major marble mellow mighty mild minor misty mobile modern mossy musical mutual
  native natural nimble noble northern novel oaken odd olive open orange orderly pale patient
  peaceful perfect plain playful pleasant polite precise pretty prime private proper proud pure
  purple quick quirky radiant rapid rare ready real regular rich robust rosy round royal rugged
  rural rustic salty scarlet seaside secret serene sharp shiny short silent silky silver simple
  sincere single sleepy slender slim slow small smart smooth social soft solar solid southern
  spare special speedy spicy spotless square steady steep still strong sturdy subtle sudden
  super sweet swift tall tame tender thankful thick thirsty tidy topaz tranquil tropical true
  turquoise twin upbeat urban useful usual verbal violet vital vivid warm wavy western wide
  windy witty wooden woven young zesty zippy
`);

/** 256 things. */
export const NOUNS: readonly string[] = list(`
  acorn airport almond anchor apricot apron arrow artist atlas attic avenue balcony ballet banjo
  barn basket beacon bean beaver berry bicycle birch blanket blossom boat bonnet book border
  bottle bowl branch bread bridge broom brush bucket buffalo butter button cabin cactus camel
  candle canoe canyon captain caravan carrot castle cellar cello chair chapel chimney cinema
  circus clarinet clock cloud clover cobra coconut coffee comet compass cookie corner cottage
  cotton cousin coyote cradle crane crayon cricket crown crystal cupboard curtain cushion daisy
  desert diamond dolphin donkey door dragon eagle easel elbow engine falcon farmer feather fern
  fiddle flame flute forest fox galaxy garden garlic gate glove goblet gondola goose granite
  grape guitar harbor harvest hazel hedge helmet heron honey horizon horse hotel igloo island
  ivy jacket jaguar jasmine jelly jewel jungle kayak kettle keyboard kitchen kitten koala lake
  lantern laurel lemon leopard letter library lily lion lobster locket lotus magnet mango maple
  market meadow medal melon meteor morning museum mushroom napkin nectar needle nest notebook
  nutmeg oasis ocean octopus opera orbit orchard orchid otter oyster paddle palace panda pantry
  papaya paper parcel pasture peanut pelican penguin piano picnic pillow planet plaza plum pond
  poplar potato prairie puzzle quail quilt rabbit radish raven reef ribbon river robin saffron
  sailor salmon sandal saturn saucer scarf school season shadow sherpa shovel sled snail sparrow
  spider spinach spoon spruce squirrel stable statue stone summer sunset sweater teapot theater
  thimble thunder tomato tower train trumpet tulip tunnel turtle umbrella unicorn village violin
  volcano wagon walnut whale whistle window winter wolf yogurt zebra
`);
